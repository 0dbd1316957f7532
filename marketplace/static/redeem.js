// The seconds that a code still lives, counted on the enterprise's telephone. Without this file the page counts by itself.
(() => {
  "use strict";
  const code = document.querySelector("[data-redeem]");
  if (!code) return;
  const words = code.querySelector("[data-left]");
  const bar = code.querySelector("progress");
  const end = performance.now() + Number(words.dataset.left) * 1000;
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    words.textContent = left;
    bar.value = left;
    if (left > 0) setTimeout(tick, 250);
  };
  tick();
})();
