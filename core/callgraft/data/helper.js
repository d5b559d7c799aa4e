/* Callgraft: tells this site that somebody is here, and uses a number. */
(function () {
  "use strict";
  var script = document.currentScript, beacon = navigator.sendBeacon;
  if (!script || !beacon) return;
  var address = new URL("beacon", script.src).href;
  var sent = {}, state, used = Date.now(), hover;

  function tell(kind, pause) {
    var now = Date.now();
    if (sent[kind] && now - sent[kind] < pause) return;
    sent[kind] = now;
    beacon.call(navigator, address, kind);
  }
  function become(now) {
    if (state !== now) tell(state = now, 0);
  }
  function look() { become(document.visibilityState === "visible" ? "visible" : "hidden"); }
  function link(event) {
    return event.target.closest && event.target.closest('a[href^="tel:"]');
  }
  /* A hidden number: shown in its places, where the site tells one that fits them. */
  function show(event) {
    var link = event.target.closest && event.target.closest('a[href*="/.callgraft/reveal/"]');
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    var key = /reveal\/([\w-]+)\?/.exec(link.href);
    if (!key || !window.fetch) return;
    event.preventDefault();
    fetch(link.href, { headers: { Accept: "application/json" }, credentials: "same-origin" })
      .then(function (answer) { return answer.json(); })
      .then(function (told) { fill(key[1], told.number); })
      .catch(function () { location.href = link.href; });
  }
  function fill(key, number) {
    if (!number) throw Error();
    each('[data-callgraft-mask^="' + key + ':"]', function (place) {
      var digits = number.slice(-place.getAttribute("data-callgraft-mask").split(":")[1]);
      var walk = document.createTreeWalker(place, 4), node, at = 0;
      while ((node = walk.nextNode()))
        node.data = node.data.replace(/X/g, function () { return digits[at++]; });
      ["title", "aria-label", "rel", "data-callgraft-mask"].forEach(function (name) {
        place.removeAttribute(name);
      });
    });
    each('a[href*="/.callgraft/reveal/' + key + '?"]', function (link) {
      link.href = "tel:" + number;
    });
  }
  function each(css, what) { [].forEach.call(document.querySelectorAll(css), what); }
  function touched() { tell("number_touched", 5e3); }
  function on(names, what) {
    names.split(" ").forEach(function (name) {
      addEventListener(name, what, { passive: true, capture: true });
    });
  }
  function start() {
    tell("helper", 0);
    look();
    on("visibilitychange pageshow", look);
    on("pagehide", function () { become("hidden"); });
    on("pointerdown pointermove keydown scroll", function () {
      used = Date.now();
      if (state === "visible") tell("active", 1e4);
    });
    on("pointerdown click", function (event) { if (link(event)) tell("tel_pressed", 1e3); });
    addEventListener("click", show);
    on("contextmenu", function (event) { if (link(event)) touched(); });
    on("copy selectionchange", function () {
      var digits = String(getSelection()).replace(/\D/g, "").length;
      if (digits > 6 && digits < 16) touched();
    });
    on("pointerover", function (event) {
      clearTimeout(hover);
      if (link(event)) hover = setTimeout(touched, 1e3);
    });
    /* In sight, until half an hour after the last use. */
    setInterval(function () {
      if (state === "visible" && Date.now() - used < 18e5) tell("visible", 0);
    }, 6e4);
  }
  if (document.prerendering) document.addEventListener("prerenderingchange", start);
  else start();
})();
