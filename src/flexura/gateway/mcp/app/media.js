// Pictures, films and sounds: from the gateway's address, else as a small preview through the host.
const PATIENCE = 15_000;
const PREVIEW = 1024;

async function previewOf(name, width = PREVIEW) {
  if (!name || !host.can("serverResources")) return "";
  const uri = `flexura://artifact/${encodeURIComponent(name)}?width=${width}`;
  const found = list((await host.request("resources/read", { uri })).contents)[0] ?? {};
  const [mime, blob] = [text(found.mimeType), text(found.blob)];
  const fits = /^(image|audio|video)\/[a-z0-9.+-]+$/.test(mime) && /^[A-Za-z0-9+/=\s]+$/.test(blob);
  // Every host allows data: for pictures and sounds; nothing else leads out of its sandbox.
  return fits ? `data:${mime};base64,${blob}` : "";
}

// Tries the addresses in order, then the preview, then says that it is not shown here.
function load(media, frame, file, addresses, preview) {
  const left = [...new Set(addresses.filter(Boolean))];
  let timer = 0;
  let previewed = false;
  const ready = media.tagName === "IMG" ? "load" : "loadedmetadata";
  const next = async () => {
    clearTimeout(timer);
    let address = left.shift();
    if (!address && !previewed) {
      previewed = true;
      address = await preview().catch(() => "");
    }
    if (!address) return notShown(media, frame, file);
    timer = setTimeout(next, PATIENCE);
    media.src = address;
  };
  media.addEventListener(ready, () => {
    clearTimeout(timer);
    frame.classList.remove("waits");
    fit();
  });
  media.addEventListener("error", next);
  next();
}

function notShown(media, frame, file) {
  frame.classList.remove("waits");
  const way = host.can("openLinks") && file.address ? "Open shows it in your browser." : "Its path or link is below.";
  const what = { image: "picture", video: "video", audio: "sound" }[sortOf(file)] ?? "file";
  media.replaceWith(make("p", { class: "note" }, `This chat cannot show the ${what}. ${way}`));
  fit();
}

function picture(job, file, index, many) {
  const label = `${text(file.alt) || "Result"}${many ? `, number ${file.number}` : ""}`;
  const image = make("img", { alt: label, width: file.w, height: file.h, decoding: "async" });
  const open = make("button", { type: "button", class: "frame waits", "aria-label": `Enlarge: ${label}` }, image);
  open.addEventListener("click", () => enlarge(job, index, open));
  const addresses = many ? [file.preview, file.address] : [file.address, file.preview];
  load(image, open, file, addresses, () => previewOf(file.name));
  return open;
}

function film(job, file) {
  const frame = make("div", { class: "frame waits" });
  const video = make("video", {
    controls: true, playsinline: true, preload: "metadata", poster: file.preview,
    width: file.w, height: file.h, "aria-label": text(file.alt) || "Video",
  });
  frame.append(video);
  load(video, frame, file, [file.address], async () => {
    const still = await previewOf(file.name);
    if (still.startsWith("data:image/")) {
      video.replaceWith(
        make("img", { alt: `First picture of the video. ${text(file.alt)}`, src: still, width: file.w, height: file.h }),
        make("p", { class: "note" }, "This chat cannot play the video. Open plays it in your browser."),
      );
      frame.classList.remove("waits");
    }
    return still.startsWith("data:video/") ? still : "";
  });
  return frame;
}

function sound(job, file) {
  const frame = make("div", { class: "sound" });
  const audio = make("audio", { controls: true, preload: "metadata", "aria-label": text(file.alt) || "Audio" });
  frame.append(audio);
  load(audio, frame, file, [file.address], () => previewOf(file.name));
  return frame;
}

function shown(job, file, index, many) {
  const sort = sortOf(file);
  if (sort === "image") return picture(job, file, index, many);
  if (sort === "video") return film(job, file);
  if (sort === "audio") return sound(job, file);
  return make("p", { class: "note" }, `${text(file.mime) || "A file"} ${sizeOf(file.bytes)}`);
}

// The larger view: one picture at a time, arrows turn, Escape closes.
const stage = document.getElementById("stage");
function enlarge(job, index, from) {
  const files = job.shown.filter((file) => sortOf(file) === "image");
  let at = Math.max(0, files.indexOf(job.shown[index]));
  const caption = make("p", { "aria-live": "polite" });
  const big = make("div", { class: "big" });
  const turn = (by) => {
    at = (at + by + files.length) % files.length;
    const file = files[at];
    const facts = [file.w && file.h ? `${file.w} × ${file.h}` : "", sizeOf(file.bytes)].filter(Boolean).join(" · ");
    caption.textContent = [files.length > 1 ? `Number ${file.number} of ${files.length}` : "", facts].filter(Boolean).join(" — ");
    const image = make("img", { alt: text(file.alt) || "Result" });
    big.replaceChildren(image);
    load(image, big, file, [file.address, file.preview], () => previewOf(file.name));
  };
  const turning = files.length > 1 ? [button("Previous", () => turn(-1)), button("Next", () => turn(1))] : [];
  const close = button("Close", () => stage.close(), "main");
  stage.replaceChildren(make("div", { class: "bar" }, caption, ...turning, close), big);
  stage.onkeydown = (event) => {
    if (event.key === "ArrowRight" && files.length > 1) turn(1);
    if (event.key === "ArrowLeft" && files.length > 1) turn(-1);
  };
  stage.onclick = (event) => event.target === big && stage.close();
  const wide = list(host.state.context.availableDisplayModes).includes("fullscreen");
  const before = text(host.state.context.displayMode) || "inline";
  stage.onclose = () => {
    if (wide) host.request("ui/request-display-mode", { mode: before }).catch(() => {});
    from.focus();
    fit();
  };
  if (wide) host.request("ui/request-display-mode", { mode: "fullscreen" }).catch(() => {});
  turn(0);
  stage.showModal();
  close.focus();
  fit();
}
