// The page's part of an explorer, or of a lesson's questions.
//
// It shows the picture and its sentence. It also looks after the widgets around it, which ipywidgets
// shows without names, and whose keys the notebook would take. It finds them by observing the page,
// since they come later than this part, and come anew after a reload or in a second tab.

const GONE = "This explorer has lost its kernel. To bring it back, choose Run → Run All Cells.";
const SILENT =
  "The kernel does not answer. While it is busy, wait; if it was restarted, choose Run → Run All Cells.";
const PATIENCE = 5000; // ms until a kernel that does not answer is spoken of
const OURS = "input, select, button, a, [tabindex], [contenteditable]";

let groups = 0;

function nameSlider(slider) {
  const name = slider.querySelector("label")?.textContent ?? "";
  slider.querySelector(".noUi-handle")?.setAttribute("aria-label", name);
  const readout = slider.querySelector(".widget-readout");
  readout?.setAttribute("role", "textbox");
  readout?.setAttribute("aria-label", `${name} (type a number)`);
}

// Radio buttons need one common name, else the arrow keys do not go from one to the next.
function nameGroup(question) {
  const asked = question.querySelector(".course-asked");
  const box = question.querySelector(".widget-radio-box");
  if (!asked || !box) return;
  asked.id ||= `course-asked-${(groups += 1)}-${Date.now()}`;
  box.setAttribute("role", "radiogroup");
  box.setAttribute("aria-labelledby", asked.id);
  for (const choice of box.querySelectorAll("input")) choice.name = asked.id;
}

function nameAll(root) {
  root.querySelectorAll(".widget-slider").forEach(nameSlider);
  root.querySelectorAll(".course-question").forEach(nameGroup);
  for (const part of root.querySelectorAll("[title].course-step"))
    part.setAttribute("aria-label", part.title);
  for (const part of root.querySelectorAll(OURS)) part.dataset.lmSuppressShortcuts = "true";
}

// A presenter's remote sends PageDown and PageUp.
function step(event) {
  const button = { PageDown: ".course-next", PageUp: ".course-back" }[event.key];
  const target = button && event.currentTarget.querySelector(button);
  if (!target) return;
  event.preventDefault();
  event.stopPropagation();
  target.focus(); // a choice that had the focus goes, and the next key must still arrive here
  target.click();
}

// The remote's keys must arrive here, also after a click beside the controls, or on a choice, which goes.
function keepFocus(event) {
  const root = event.currentTarget;
  const used = event.target.closest(`label, .noUi-target, ${OURS}`);
  if (!root.contains(used) || used.matches(".course-choice"))
    root.querySelector(".course-next")?.focus({ preventScroll: true });
}

// Calls `found` with the part of the page that `el` looks after, as soon as `el` stands in it.
function whenShown(el, found) {
  const look = () => {
    const root = el.closest(".course-page");
    if (!root || !root.isConnected) return false;
    found(root);
    return true;
  };
  if (look()) return () => {};
  const watcher = new MutationObserver(() => look() && watcher.disconnect());
  watcher.observe(document.body, { childList: true, subtree: true });
  return () => watcher.disconnect();
}

function lookAfter(root, model, gone, end, hasEnded) {
  let asked = 0;
  let waiting = null;
  const ask = () => {
    if (waiting || hasEnded()) return;
    waiting = setTimeout(() => gone(SILENT), PATIENCE);
    try {
      model.send({ asked: (asked += 1) });
    } catch {
      end(); // there is no kernel to send to
    }
  };
  const answered = () => {
    clearTimeout(waiting);
    waiting = null;
    gone("");
  };
  const listeners = [
    ["keydown", step],
    ["click", keepFocus],
    ["pointerup", ask],
    ["keyup", ask],
  ];
  const watcher = new MutationObserver(() => nameAll(root));
  nameAll(root);
  watcher.observe(root, { childList: true, subtree: true });
  model.on("msg:custom", answered);
  for (const [kind, listener] of listeners) root.addEventListener(kind, listener, true);
  return () => {
    watcher.disconnect();
    clearTimeout(waiting);
    model.off("msg:custom", answered);
    for (const [kind, listener] of listeners) root.removeEventListener(kind, listener, true);
  };
}

function render({ model, el }) {
  el.classList.add("course-card");
  const image = document.createElement("img");
  const lost = document.createElement("p");
  const sentence = document.createElement("p");
  lost.className = "course-lost";
  lost.setAttribute("role", "alert");
  sentence.className = "course-sentence";
  sentence.setAttribute("role", "status");
  el.append(image, lost, sentence);

  let urls = [];
  image.addEventListener("load", () => {
    urls.filter((url) => url !== image.src).forEach((url) => URL.revokeObjectURL(url));
    urls = [image.src];
  });
  const show = () => {
    const picture = model.get("picture");
    el.hidden = !picture?.byteLength;
    if (el.hidden) return;
    urls.push(URL.createObjectURL(new Blob([picture], { type: "image/png" })));
    image.width = model.get("width");
    image.height = model.get("height");
    image.alt = sentence.textContent = model.get("sentence");
    image.src = urls.at(-1); // the picture before stays until this one is there: nothing flashes
  };
  let ended = false; // a kernel that has gone does not come back: another takes its place
  const gone = (text) => {
    if (ended && text !== GONE) return;
    lost.textContent = text;
    lost.style.height = `${image.clientHeight || model.get("height")}px`;
    el.classList.toggle("course-gone", Boolean(text));
  };
  const end = () => {
    ended = true;
    gone(GONE);
  };

  let leave = () => {};
  const stopLooking = whenShown(el, (root) => (leave = lookAfter(root, model, gone, end, () => ended)));
  const over = ["comm:close", "comm_live_update"];
  model.on("change", show); // once for picture and sentence, which come in one message
  for (const event of over) model.on(event, end);
  show();
  return () => {
    model.off("change", show);
    for (const event of over) model.off(event, end);
    stopLooking();
    leave();
    urls.forEach((url) => URL.revokeObjectURL(url));
  };
}

export default { render };
