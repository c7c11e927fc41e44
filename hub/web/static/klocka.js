"use strict";
// How long each has waited, counted on by the second; without this the page says it as of when it was made.
const words = (seconds) => {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = String(seconds % 60).padStart(2, "0");
  return hours ? `${hours} tim ${minutes} min` : `${minutes} min ${rest} s`;
};
// The server's clock counts; that of the visitor's machine may be wrong.
const [shown, began] = [Number(document.documentElement.dataset.nu), performance.now()];
const tick = () => {
  const now = shown + (performance.now() - began) / 1000;
  for (const each of document.querySelectorAll("[data-sedan]")) {
    each.textContent = words(Math.max(0, Math.floor(now - Number(each.dataset.sedan))));
  }
};
tick();
setInterval(tick, 1000);
