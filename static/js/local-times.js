// Times in the visitor's own zone, and in the page's language as the visitor's browser writes it.
// Without scripts the server's words stand.
// <time data-local datetime="…">: date and time; data-local="date": the day; "time": the time of
// day; "ago": how long ago.
"use strict";
(() => {
  const UNITS = [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3_600], ["minute", 60]];
  const page = document.documentElement.lang || "en";
  const alike = (one) => one.split("-")[0].toLowerCase() === page.split("-")[0].toLowerCase();
  const language = navigator.languages.find(alike) || page;
  const ago = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

  function sinceNow(moment) {
    const seconds = (moment - Date.now()) / 1000;
    for (const [unit, length] of UNITS) {
      if (Math.abs(seconds) >= length) return ago.format(Math.trunc(seconds / length), unit);
    }
    return ago.format(0, "minute");
  }

  function tell(place) {
    const written = place.dateTime;
    const moment = new Date(written);
    if (Number.isNaN(moment.getTime())) return;
    const onlyDay = written.length === 10; // a day is the same day everywhere
    const told = (style) => {
      const shown = onlyDay ? { dateStyle: style.dateStyle || "medium", timeZone: "UTC" } : style;
      return new Intl.DateTimeFormat(language, shown).format(moment);
    };
    const how = place.dataset.local;
    if (how === "ago") place.textContent = sinceNow(moment);
    else if (how === "date") place.textContent = told({ dateStyle: "medium" });
    else if (how === "time") place.textContent = told({ timeStyle: "short" });
    else place.textContent = told({ dateStyle: "medium", timeStyle: "short" });
    place.title = told({ dateStyle: "long", timeStyle: "short" });
  }

  const tellAll = () => document.querySelectorAll("time[data-local]").forEach(tell);
  tellAll();
  document.addEventListener("htmx:afterSwap", tellAll);
  document.addEventListener("htmx:oobAfterSwap", tellAll);
})();
