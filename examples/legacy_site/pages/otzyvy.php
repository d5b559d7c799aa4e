<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">
<HTML>
<HEAD>
<TITLE>Отзывы заказчиков</TITLE>
<META NAME=keywords CONTENT="пластиковые окна, окна пвх, остекление балконов, москва">
<META NAME=description CONTENT="Отзывы заказчиков. Тел. 8 (495) 123-45-67">
<LINK REL=stylesheet HREF=/css/old.css TYPE=text/css>
</HEAD>
<BODY BGCOLOR=#E4ECF3 TEXT=#222222 LINK=#003399 VLINK=#663399 TOPMARGIN=0 LEFTMARGIN=0 MARGINWIDTH=0 MARGINHEIGHT=0>
<!-- header.inc, телефон 8 (495) 123-45-67 -->
<TABLE WIDTH=960 ALIGN=center BORDER=0 CELLSPACING=0 CELLPADDING=0 BGCOLOR=#FFFFFF CLASS=page>
<TR><TD COLSPAN=2 BACKGROUND=/img/top.jpg HEIGHT=96>
 <TABLE WIDTH=100% BORDER=0 CELLPADDING=14><TR>
 <TD WIDTH=270><A HREF=/><IMG SRC=/img/logo.gif WIDTH=250 HEIGHT=56 BORDER=0 ALT="Окна Комфорт, (495) 123-45-67"></A></TD>
 <TD NOWRAP><FONT SIZE=-1 COLOR=#336699>8&nbsp;(495)</FONT>&nbsp;<FONT SIZE=+2 COLOR=#CC3300><B>123&#45;45&#45;67</B></FONT><BR><FONT SIZE=-2 COLOR=#336699>многоканальный, с 9 до 20 без выходных</FONT></TD>
 <TD WIDTH=300>&nbsp;</TD></TR></TABLE>
</TD></TR>
<TR><TD COLSPAN=2 CLASS=bar>&nbsp;Пластиковые окна с 2004 года <FONT COLOR=#FFCC00>&bull;</FONT> Замер бесплатно <FONT COLOR=#FFCC00>&bull;</FONT> Гарантия 7 лет</TD></TR>
<TR VALIGN=top><TD WIDTH=190 BGCOLOR=#F0F5FA>
<TABLE WIDTH=100% BORDER=0 CELLSPACING=0 CELLPADDING=6>
<TR><TD CLASS=menu><IMG SRC=/img/favicon.svg WIDTH=10 HEIGHT=10 BORDER=0 ALT=""> <A HREF="/">Главная</A></TD></TR>
<TR><TD CLASS=menu><IMG SRC=/img/favicon.svg WIDTH=10 HEIGHT=10 BORDER=0 ALT=""> <A HREF="/about.html">О компании</A></TD></TR>
<TR><TD CLASS=menu><IMG SRC=/img/favicon.svg WIDTH=10 HEIGHT=10 BORDER=0 ALT=""> <A HREF="/okna/">Окна</A></TD></TR>
<TR><TD CLASS=menu><IMG SRC=/img/favicon.svg WIDTH=10 HEIGHT=10 BORDER=0 ALT=""> <A HREF="/balkony/">Балконы и лоджии</A></TD></TR>
<TR><TD CLASS=menu><IMG SRC=/img/favicon.svg WIDTH=10 HEIGHT=10 BORDER=0 ALT=""> <A HREF="/prices.html">Цены</A></TD></TR>
<TR><TD CLASS=menu><IMG SRC=/img/favicon.svg WIDTH=10 HEIGHT=10 BORDER=0 ALT=""> <A HREF="/kalkulyator/">Калькулятор</A></TD></TR>
<TR><TD CLASS=menu><IMG SRC=/img/favicon.svg WIDTH=10 HEIGHT=10 BORDER=0 ALT=""> <A HREF="/portfolio.html">Наши работы</A></TD></TR>
<TR><TD CLASS=menu><IMG SRC=/img/favicon.svg WIDTH=10 HEIGHT=10 BORDER=0 ALT=""> <B>Отзывы</B></TD></TR>
<TR><TD CLASS=menu><IMG SRC=/img/favicon.svg WIDTH=10 HEIGHT=10 BORDER=0 ALT=""> <A HREF="/delivery.html">Доставка и монтаж</A></TD></TR>
<TR><TD CLASS=menu><IMG SRC=/img/favicon.svg WIDTH=10 HEIGHT=10 BORDER=0 ALT=""> <A HREF="/news.php">Новости</A></TD></TR>
<TR><TD CLASS=menu><IMG SRC=/img/favicon.svg WIDTH=10 HEIGHT=10 BORDER=0 ALT=""> <A HREF="/vacancies.html">Вакансии</A></TD></TR>
<TR><TD CLASS=menu><IMG SRC=/img/favicon.svg WIDTH=10 HEIGHT=10 BORDER=0 ALT=""> <A HREF="/contacts.html">Контакты</A></TD></TR>
</TABLE>
<CENTER><BR><SCRIPT LANGUAGE="JavaScript"><!--
document.write("<A HREF='/about.html'><IMG SRC='/img/counter.gif?r="+escape(document.referrer)+"&s="+screen.width+"*"+screen.height+"&"+Math.random()+"' WIDTH=88 HEIGHT=31 BORDER=0 ALT='Посетители: 416208'></A>");
//--></SCRIPT><NOSCRIPT><IMG SRC="/img/counter.gif" WIDTH=88 HEIGHT=31 BORDER=0></NOSCRIPT><BR><BR></CENTER>
</TD><TD CLASS=text>
<!-- begin content -->
<H1>Отзывы</H1>
<P>Печатаем всё, кроме ругательств. Недовольны? Директор сам читает почту <A HREF="mailto:director@okna.example">director@okna.example</A>.</P>
<TABLE WIDTH=100% BORDER=0 CELLSPACING=1 CELLPADDING=9 BGCOLOR=#B9CADB>
<TR BGCOLOR=#FFFFFF><TD><B>Тамара Игоревна, Марьино</B> <FONT SIZE=-2 COLOR=#888888>21.02.2019</FONT><BR>Заказ № 1234567. Меняли три окна, приехали в девять, в пять уже пили чай в тишине. Рамы вынесли, пол вымыли. Мастеру Ильдару отдельное спасибо за кота, который спрятался за батареей.</TD></TR>
<TR BGCOLOR=#F0F5FA><TD><B>Олег</B> <FONT SIZE=-2 COLOR=#888888>14.02.2019</FONT><BR>Звонил по 8 (495) 123-45-67 в десять вечера, думал, автоответчик. Ответила женщина и за две минуты записала на замер. Потом перезвонил мастер с +7 916 000-00-07.</TD></TR>
<TR BGCOLOR=#FFFFFF><TD><B>Семья Ж., Апрелевка</B> <FONT SIZE=-2 COLOR=#888888>30.01.2019</FONT><BR>На даче минус двадцать, в доме плюс двадцать. Одну створку отрегулировали через неделю бесплатно. Четыре звезды за то, что водитель заблудился.</TD></TR>
<TR BGCOLOR=#F0F5FA><TD><B>Анна С.</B> <FONT SIZE=-2 COLOR=#888888>19.01.2019</FONT><BR>Сравнивала пять фирм. Здесь не самая низкая цена, но она не выросла после замера. Это редкость.</TD></TR>
<TR BGCOLOR=#FFFFFF><TD><B>Константин, ТСЖ «Лесное»</B> <FONT SIZE=-2 COLOR=#888888>25.12.2018</FONT><BR>Остеклили подъезды: 48 окон, договор № 495/123, акты в порядке. Рекомендуем.</TD></TR>
</TABLE>
<FORM ACTION=/request METHOD=post><H2>Написать отзыв</H2>
<INPUT TYPE=hidden NAME=site_phone VALUE="84951234567">
Имя: <INPUT NAME=name SIZE=24><BR>
<TEXTAREA NAME=message COLS=60 ROWS=4>Я звонил(а) по телефону 8 (495) 123-45-67 и</TEXTAREA><BR>
<INPUT TYPE=submit VALUE="Отправить отзыв"></FORM>
<!-- end content -->
</TD></TR>
<TR><TD COLSPAN=2 CLASS=foot ALIGN=center><FONT SIZE=-2>&copy; 2004&ndash;2019 ООО &laquo;Окна Комфорт&raquo;, Москва, Стекольная ул., д. 7, стр. 2<BR>
<NOBR>Тел./факс: 8 (495) 123-45-67 / (495) 123-45-68</NOBR> &nbsp;|&nbsp; <A HREF="mailto:zakaz@okna.example">zakaz@okna.example</A></FONT></TD></TR>
</TABLE>
</BODY>
</HTML>
