<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">
<HTML>
<HEAD>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=windows-1251">
<TITLE>Новости Окна Комфорт</TITLE>
<META NAME=keywords CONTENT="пластиковые окна, окна пвх, остекление балконов, москва">
<META NAME=description CONTENT="Новости Окна Комфорт. Тел. 8 (495) 123-45-67">
<LINK REL=stylesheet HREF=/css/old.css TYPE=text/css>
</HEAD>
<BODY BGCOLOR=#E4ECF3 TEXT=#222222 LINK=#003399 VLINK=#663399 TOPMARGIN=0 LEFTMARGIN=0 MARGINWIDTH=0 MARGINHEIGHT=0>
<!-- header.inc, телефон 8 (495) 123-45-67 -->
<TABLE WIDTH=960 ALIGN=center BORDER=0 CELLSPACING=0 CELLPADDING=0 BGCOLOR=#FFFFFF CLASS=page>
<TR><TD COLSPAN=2 BACKGROUND=/img/top.jpg HEIGHT=96>
 <TABLE WIDTH=100% BORDER=0 CELLPADDING=14><TR>
 <TD WIDTH=270><A HREF=/><IMG SRC=/img/logo.gif WIDTH=250 HEIGHT=56 BORDER=0 ALT="Окна Комфорт, (495) 123-45-67"></A></TD>
 <TD NOWRAP><FONT SIZE=+2 COLOR=#CC3300><B>(495) 123-45-67</B></FONT><BR><FONT SIZE=-2 COLOR=#336699>многоканальный, с 9 до 20 без выходных</FONT></TD>
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
<TR><TD CLASS=menu><IMG SRC=/img/favicon.svg WIDTH=10 HEIGHT=10 BORDER=0 ALT=""> <A HREF="/otzyvy.php">Отзывы</A></TD></TR>
<TR><TD CLASS=menu><IMG SRC=/img/favicon.svg WIDTH=10 HEIGHT=10 BORDER=0 ALT=""> <A HREF="/delivery.html">Доставка и монтаж</A></TD></TR>
<TR><TD CLASS=menu><IMG SRC=/img/favicon.svg WIDTH=10 HEIGHT=10 BORDER=0 ALT=""> <B>Новости</B></TD></TR>
<TR><TD CLASS=menu><IMG SRC=/img/favicon.svg WIDTH=10 HEIGHT=10 BORDER=0 ALT=""> <A HREF="/vacancies.html">Вакансии</A></TD></TR>
<TR><TD CLASS=menu><IMG SRC=/img/favicon.svg WIDTH=10 HEIGHT=10 BORDER=0 ALT=""> <A HREF="/contacts.html">Контакты</A></TD></TR>
</TABLE>
<CENTER><BR><SCRIPT LANGUAGE="JavaScript"><!--
document.write("<A HREF='/about.html'><IMG SRC='/img/counter.gif?r="+escape(document.referrer)+"&s="+screen.width+"*"+screen.height+"&"+Math.random()+"' WIDTH=88 HEIGHT=31 BORDER=0 ALT='Посетители: 416208'></A>");
//--></SCRIPT><NOSCRIPT><IMG SRC="/img/counter.gif" WIDTH=88 HEIGHT=31 BORDER=0></NOSCRIPT><BR><BR></CENTER>
</TD><TD CLASS=text>
<!-- begin content -->
<H1>Новости</H1>
<P><B>12.03.2019</B> <A HREF="/news.php?id=41">Переходим на тёплый монтаж: чем он отличается от обычного</A><BR>Две ленты вместо одной и почему это стоит девятьсот рублей.</P>
<P><B>04.02.2019</B> <A HREF="/news.php?id=40">Скидка 15&nbsp;% пенсионерам и новосёлам до конца зимы</A><BR>Зимой бригады свободнее, а окна нужнее.</P>
<P><B>17.12.2018</B> График работы в праздники: 31 декабря до 15:00, 1&ndash;3 января выходные. Телефон 8 (495) 123-45-67 работает с 4 января.</P>
<P><B>09.10.2018</B> Поставили сорокатысячное окно. Заказ №&nbsp;1195123, Перово. Хозяйка получила торт и вторую москитную сетку.</P>
<!-- end content -->
</TD></TR>
<TR><TD COLSPAN=2 CLASS=foot ALIGN=center><FONT SIZE=-2>&copy; 2004&ndash;2019 ООО &laquo;Окна Комфорт&raquo;, Москва, Стекольная ул., д. 7, стр. 2<BR>
Тел.: 8-495-123-45-67, факс: (495) 123-45-68 &nbsp;|&nbsp; <A HREF="mailto:zakaz@okna.example">zakaz@okna.example</A></FONT></TD></TR>
</TABLE>
</BODY>
</HTML>
