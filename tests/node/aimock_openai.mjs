// aimock's double of OpenAI's list, images, speech and videos (of which it has no bytes).
import { readFileSync } from "node:fs";
import { LLMock } from "@copilotkit/aimock";

const tiny = (kind) => readFileSync(new URL(`../fixtures/media/tiny.${kind}`, import.meta.url));

const mock = new LLMock({ port: 0, host: "127.0.0.1" });
const on = (endpoint, model, userMessage, response) =>
  mock.addFixture({ match: { endpoint, model, userMessage }, response });
const picture = { b64Json: tiny("png").toString("base64"), revisedPrompt: "a red fox" };
const refused = { error: { message: "Rejected by the safety system.", type: "image_generation_user_error", code: "moderation_blocked" }, status: 400 };
on("image", "house-image-1", /fox/, { images: [picture, picture] });
on("image", "house-image-1", /blood/, refused);
on("image", "house-image-1", /busy/, { error: { message: "Slow down.", type: "rate_limit_error" }, status: 429, retryAfter: 7 });
on("speech", "house-tts-1", /.*/, { audio: tiny("mp3").toString("base64"), format: "mp3" });
on("video", "house-video-1", /fox/, { video: { id: "video_1", status: "completed", url: "https://files.example/fox.mp4" } });
on("video", "house-video-1", /never/, { video: { id: "video_2", status: "failed" } });
on("video", "house-video-1", /slow/, { video: { id: "video_3", status: "processing" } });
await mock.start();
console.log(`listening on ${mock.url}`);
process.on("SIGTERM", () => mock.stop().then(() => process.exit(0)));
