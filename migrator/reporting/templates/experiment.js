"use strict";
// Everything on the page is there without this: it only points things out.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const say = (s) => (s < 0.9995 ? `${+(s * 1000).toPrecision(3)} ms` : s < 60 ? `${+s.toPrecision(3)} s` : s < 3600 ? `${+(s / 60).toPrecision(3)} min` : `${+(s / 3600).toPrecision(3)} h`);

  // A curve under the pointer: how much of each arm's work was done by then.
  for (const svg of document.querySelectorAll("svg.curves[data-key]")) {
    const { key, low, high } = svg.dataset;
    const cursor = svg.querySelector(".cursor");
    const readout = svg.parentElement.querySelector(".readout");
    const plane = svg.querySelector(".plane");
    const [left, top] = [+plane.getAttribute("x"), +plane.getAttribute("y")];
    const [width, height] = [+plane.getAttribute("width"), +plane.getAttribute("height")];
    svg.addEventListener("pointermove", (event) => {
      const box = svg.getBoundingClientRect();
      const x = Math.min(left + width, Math.max(left, ((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width));
      const seconds = low * (high / low) ** ((x - left) / width);
      cursor.setAttribute("d", `M${x} ${top}V${top + height}`);
      cursor.removeAttribute("hidden");
      readout.textContent = `within ${say(seconds)}: ` + data.arms.map((arm) => {
        const curve = arm.durations[key].curve;
        const passed = curve.seconds.filter((s) => s <= seconds).length;
        return `${arm.arm} ${curve.seconds.length ? Math.round(100 * (passed ? curve.share[passed - 1] : 0)) + " %" : "–"}`;
      }).join(", ");
    });
    svg.addEventListener("pointerleave", () => { cursor.setAttribute("hidden", ""); readout.textContent = ""; });
  }

  // A name in a legend: that arm alone.
  const names = [...document.querySelectorAll(".legend [data-arm]")];
  const pick = (arm) => {
    const kept = arm !== null && document.body.dataset.only !== arm ? arm : null;
    document.body.classList.toggle("only", kept !== null);
    document.body.dataset.only = kept ?? "";
    for (const node of document.querySelectorAll("[class*=arm]")) node.classList.toggle("kept", kept !== null && (node.classList.contains(`arm${kept}`) || node.parentElement.classList.contains("swatch")));
    for (const name of names) { name.setAttribute("aria-pressed", String(name.dataset.arm === kept)); name.classList.toggle("kept", name.dataset.arm === kept); }
  };
  for (const name of names) {
    name.setAttribute("role", "button");
    name.setAttribute("aria-pressed", "false");
    name.tabIndex = 0;
    name.addEventListener("click", () => pick(name.dataset.arm));
    name.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); pick(name.dataset.arm); } });
  }

  // On paper nothing can be opened.
  addEventListener("beforeprint", () => { for (const part of document.querySelectorAll("details")) part.open = true; });
})();
