// For browsers too old for modules: says so instead of waiting for ever. Written in their language.
(function () {
  var title = document.getElementById("opening");
  var hint = document.getElementById("opening-hint");
  if (title) title.textContent = "浏览器版本过低";
  if (hint) hint.textContent = "此浏览器不能领取电子证书。请更新浏览器，或换用手机自带的浏览器打开；领取码没有被用掉。";
})();
