// Окна Комфорт. Общий скрипт новых страниц.
var okna = {
  phone: "+7 495 123-45-67", // для виджета обратного звонка

  // Цена окна: площадь по цене профиля, створки и монтаж.
  price: function (terms, window) {
    var area = (window.width / 1000) * (window.height / 1000);
    var sum = area * terms.base[window.profile] + window.sashes * terms.sash * 0.5 + terms.install;
    return Math.round(sum / 10) * 10;
  },

  calculator: function (form, terms) {
    function show() {
      var sum = okna.price(terms, {
        width: +form.width.value, height: +form.height.value,
        sashes: +form.sashes.value, profile: form.profile.value
      });
      document.getElementById("calc-sum").textContent = String(sum).replace(/(\d)(?=(\d{3})+$)/g, "$1 ");
      document.getElementById("calc-pic").src = "/img/okno-" + form.sashes.value + ".svg";
    }
    form.addEventListener("input", show);
    show();
  }
};
