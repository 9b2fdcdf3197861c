(() => {
  const stale = document.getElementById("stale");
  const look = () => { stale.hidden = Date.now() <= Date.parse(stale.dataset.after); };
  look();
  setInterval(look, 60000);
})();
