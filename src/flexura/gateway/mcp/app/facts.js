// What a tool result says. All of it is a stranger's text: it is read here, and shown as text only.
function factsOf(result) {
  if (isObject(result.structuredContent)) return result.structuredContent;
  const block = list(result.content).find((each) => isObject(each) && each.type === "text");
  try {
    const found = JSON.parse(text(block?.text));
    return isObject(found) ? found : {};
  } catch {
    // Some programs put a sentence of their own in the place of a result.
    const message = text(block?.text);
    return message ? { error: { message } } : {};
  }
}

function jobsOf(facts) {
  const jobs = Array.isArray(facts.jobs) ? facts.jobs : "job_id" in facts ? [facts] : [];
  return jobs.filter((job) => isObject(job) && text(job.job_id));
}

const list = (value) => (Array.isArray(value) ? value : []);
const filesOf = (job) => list(job.files).filter(isObject);
const ended = (job) => job.status === "completed" || job.status === "failed";
const picking = (job) => job.phase === "awaiting_approval";
// What no waiting here will change: it ended, or a person or a date is next.
const rests = (job) => ended(job) || picking(job) || job.phase === "scheduled";

// Only the web's own addresses: never javascript:, data: or file: from a record.
function webAddress(value) {
  try {
    const url = new URL(text(value));
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : "";
  } catch {
    return "";
  }
}

// The gateway's name of a file, the last part of its address.
function nameOf(file) {
  const path = webAddress(file.url) ? new URL(file.url).pathname : "";
  const found = /\/api\/assets\/([A-Za-z0-9._-]{1,200})$/.exec(path);
  return found ? found[1] : "";
}

const sortOf = (file) => text(file.mime).split("/")[0];
const locale = () => text(host.state.context.locale) || undefined;

function figures(value, options) {
  try {
    return new Intl.NumberFormat(locale(), options).format(value);
  } catch {
    return new Intl.NumberFormat("en", options).format(value);
  }
}

function priceOf(job, detail) {
  const cost = isObject(detail.cost) ? detail.cost.amount : job.cost;
  if (cost === "unknown") return "unknown";
  if (typeof cost !== "number") return "";
  if (cost === 0) return "free";
  const currency = /^[A-Z]{3}$/.test(text(detail.cost?.currency)) ? detail.cost.currency : "USD";
  return figures(cost, { style: "currency", currency, maximumFractionDigits: 4 });
}

function duration(seconds) {
  if (!(seconds >= 0.05)) return "";
  if (seconds < 60) return `${figures(seconds, { maximumFractionDigits: 1 })} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

function sizeOf(bytes) {
  if (!(bytes > 0)) return "";
  const mega = bytes >= 1e6;
  return `${figures(bytes / (mega ? 1e6 : 1e3), { maximumFractionDigits: mega ? 1 : 0 })} ${mega ? "MB" : "kB"}`;
}

// Width to height of what is being made, for the place that is kept free for it.
function shapeOf(given) {
  const found = /^(\d{1,5})\s*[x×:]\s*(\d{1,5})$/i.exec(text(given).trim());
  const shape = found ? found[1] / found[2] : 0;
  return shape > 0.2 && shape < 5 ? shape : 0;
}

const KINDS = { image: "image", video: "video", audio: "audio" };
function kindOf(job, detail) {
  const tool = text(host.state.context.toolInfo?.tool?.name).replace("generate_", "");
  return KINDS[detail.kind] || KINDS[sortOf(filesOf(job)[0] ?? {})] || KINDS[tool] || "result";
}
