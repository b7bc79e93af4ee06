"""Input schemas in the shapes that vendors publish, cut down to what matters; no model is meant.

Shapes: fal.ai queue OpenAPI (`anyOf` of ImageSize and words, `nullable` converted), Replicate's
`components.schemas.Input` (`allOf` of a `$ref`), OpenRouter's capability descriptors made into a schema, the
bodies of OpenAI's /images/generations and /audio/speech, of Runway's /v1/image_to_video, of ElevenLabs'
/v1/music and /v1/text-to-speech, of Together's /v2/videos and of Gemini's `response_format`.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def _object(properties: Schema, *required: str, **more: Any) -> Schema:
    return {"type": "object", "properties": properties, "required": [*required], **more}


_TEXT: Schema = {"type": "string"}
_SIDE: Schema = {"type": "integer", "maximum": 14142, "exclusiveMinimum": 0, "default": 512}
_TEXTS: Schema = {"type": "array", "items": {"type": "string"}}

FAL_IMAGE = _object(
    {
        "prompt": {"type": "string"},
        "image_size": {
            "anyOf": [
                {"$ref": "#/components/schemas/ImageSize"},
                {
                    "type": "string",
                    "enum": [
                        "square_hd",
                        "square",
                        "portrait_4_3",
                        "portrait_16_9",
                        "landscape_4_3",
                        "landscape_16_9",
                    ],
                },
            ],
            "default": "landscape_4_3",
        },
        "num_inference_steps": {"type": "integer", "minimum": 1, "maximum": 50, "default": 28},
        "seed": {"type": ["integer", "null"]},
        "guidance_scale": {"type": "number", "minimum": 1, "maximum": 20, "default": 3.5},
        "sync_mode": {"type": "boolean", "default": False},
        "num_images": {"type": "integer", "minimum": 1, "maximum": 4, "default": 1},
        "enable_safety_checker": {"type": "boolean", "default": True},
        "output_format": {"type": "string", "enum": ["jpeg", "png"], "default": "jpeg"},
    },
    "prompt",
    components={
        "schemas": {
            "ImageSize": _object(
                {
                    "width": _SIDE,
                    "height": _SIDE,
                }
            )
        }
    },
)
FAL_IMAGE_WORDS = _object(
    {
        "prompt": _TEXT,
        "image_size": {
            "type": "string",
            "enum": ["square_hd", "square", "portrait_16_9", "landscape_16_9"],
            "default": "square_hd",
        },
    },
    "prompt",
)
FAL_EDIT = _object(
    {
        "prompt": _TEXT,
        "image_urls": {**_TEXTS, "maxItems": 3},
        "mask_url": {"type": ["string", "null"]},
        "aspect_ratio": {
            "anyOf": [
                {"type": "string", "enum": ["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"]},
                {"type": "null"},
            ]
        },
        "resolution": {"type": "string", "enum": ["1K", "2K", "4K"], "default": "1K"},
        "num_images": {"type": "integer", "minimum": 1, "maximum": 1, "default": 1},
        "output_format": {"type": "string", "enum": ["jpeg", "png", "webp"], "default": "png"},
    },
    "prompt",
    "image_urls",
)
FAL_VIDEO = _object(
    {
        "prompt": _TEXT,
        "image_url": _TEXT,
        "end_image_url": {"type": ["string", "null"]},
        "duration": {"type": "string", "enum": ["4s", "6s", "8s"], "default": "8s"},
        "resolution": {"type": "string", "enum": ["720p", "1080p"], "default": "720p"},
        "aspect_ratio": {"type": "string", "enum": ["auto", "16:9", "9:16"], "default": "auto"},
        "generate_audio": {"type": "boolean", "default": True},
        "negative_prompt": {"type": ["string", "null"]},
        "seed": {"type": ["integer", "null"]},
    },
    "prompt",
    "image_url",
)
FAL_FRAMES = _object(
    {
        "prompt": _TEXT,
        "num_frames": {"type": "integer", "minimum": 17, "maximum": 161, "default": 81},
        "frames_per_second": {"type": "integer", "minimum": 4, "maximum": 60, "default": 16},
        "num_inference_steps": {"type": "integer", "default": 27},
    },
    "prompt",
)
REPLICATE_IMAGE = _object(
    {
        "prompt": {"type": "string", "title": "Prompt", "x-order": 0},
        "aspect_ratio": {
            "allOf": [{"$ref": "#/components/schemas/aspect_ratio"}],
            "default": "1:1",
            "x-order": 1,
        },
        "width": {"type": "integer", "minimum": 256, "maximum": 1440, "multipleOf": 32},
        "height": {"type": "integer", "minimum": 256, "maximum": 1440, "multipleOf": 32},
        "image_prompt": {"type": "string", "format": "uri"},
        "num_outputs": {"type": "integer", "minimum": 1, "maximum": 4, "default": 1},
        "seed": {"type": "integer", "maximum": 1000},
        "output_format": {
            "allOf": [{"$ref": "#/components/schemas/output_format"}],
            "default": "webp",
        },
        "output_quality": {"type": "integer", "minimum": 0, "maximum": 100, "default": 80},
        "megapixels": {"type": "string", "enum": ["1", "0.25"], "default": "1"},
    },
    "prompt",
    components={
        "schemas": {
            "aspect_ratio": {
                "type": "string",
                "enum": ["custom", "1:1", "16:9", "3:2", "2:3", "9:16"],
            },
            "output_format": {"type": "string", "enum": ["webp", "jpg", "png"]},
        }
    },
)
REPLICATE_RATIO = _object(
    {
        "prompt": _TEXT,
        "aspect_ratio": {"type": "string", "enum": ["1:1", "16:9", "3:2", "4:5"], "default": "1:1"},
        "megapixels": {"type": "string", "enum": ["1", "0.25"], "default": "1"},
    },
    "prompt",
)
REPLICATE_UPSCALER = _object(
    {"image": {"type": "string", "format": "uri"}, "scale": {"type": "number"}}, "image"
)
OPENROUTER_IMAGE = _object(
    {
        "prompt": _TEXT,
        "n": {"type": "integer", "minimum": 1, "maximum": 10},
        "aspect_ratio": {"type": "string", "enum": ["1:1", "3:2", "4:3", "16:9", "9:16"]},
        "resolution": {"type": "string", "enum": ["512", "1K", "2K", "4K"]},
        "quality": {"type": "string", "enum": ["auto", "low", "medium", "high"]},
        "background": {"type": "string", "enum": ["auto", "transparent", "opaque"]},
        "output_format": {"type": "string", "enum": ["png", "jpeg", "webp"]},
        "input_references": {"type": "array", "items": {"type": "object"}, "maxItems": 4},
        "seed": {"type": "integer"},
    },
    "prompt",
    additionalProperties=False,
)
OPENROUTER_VIDEO = _object(
    {
        "prompt": _TEXT,
        "duration": {"type": "integer", "enum": [4, 6, 8]},
        "size": {"type": "string", "enum": ["1280x720", "720x1280", "1920x1080"]},
        "generate_audio": {"type": "boolean"},
        "frame_images": {"type": "array", "items": {"type": "object"}},
        "seed": {"type": "integer"},
    },
    "prompt",
)
RUNWAY_VIDEO = _object(
    {
        "promptText": {"type": "string", "maxLength": 1000},
        "promptImage": {"anyOf": [_TEXT, {"type": "array", "items": {"type": "object"}}]},
        "ratio": {
            "type": "string",
            "enum": ["1280:720", "720:1280", "1104:832", "832:1104", "960:960", "1584:672"],
        },
        "duration": {"type": "integer", "minimum": 2, "maximum": 10},
        "seed": {"type": "integer", "minimum": 0, "maximum": 4294967295},
    },
    "promptImage",
    "ratio",
)
OPENAI_IMAGE = _object(
    {
        "prompt": {"type": "string", "maxLength": 32000},
        "n": {"type": "integer", "minimum": 1, "maximum": 10, "default": 1},
        "size": {
            "type": "string",
            "enum": ["auto", "1024x1024", "1536x1024", "1024x1536"],
            "default": "auto",
        },
        "quality": {"type": "string", "enum": ["auto", "low", "medium", "high"], "default": "auto"},
        "background": {
            "type": "string",
            "enum": ["transparent", "opaque", "auto"],
            "default": "auto",
        },
        "output_format": {"type": "string", "enum": ["png", "jpeg", "webp"], "default": "png"},
        "response_format": {"type": "string", "enum": ["url", "b64_json"]},
    },
    "prompt",
    additionalProperties=True,
)
OPENAI_SPEECH = _object(
    {
        "input": {"type": "string", "maxLength": 4096},
        "voice": {"type": "string", "enum": ["alloy", "Nova", "shimmer"]},
        "instructions": _TEXT,
        "response_format": {
            "type": "string",
            "enum": ["mp3", "opus", "aac", "flac", "wav"],
            "default": "mp3",
        },
        "speed": {"type": "number", "minimum": 0.25, "maximum": 4, "default": 1},
    },
    "input",
    "voice",
    additionalProperties=True,
)
OPENAI_VIDEO = _object(
    {
        "prompt": _TEXT,
        "seconds": {"type": "string", "enum": ["4", "8", "12"], "default": "4"},
        "size": {"type": "string", "enum": ["720x1280", "1280x720"], "default": "720x1280"},
        "input_reference": {"type": "string", "format": "binary"},
    },
    "prompt",
)
TOGETHER_VIDEO = _object(
    {
        "prompt": _TEXT,
        "seconds": _TEXT,
        "width": {"type": "integer"},
        "height": {"type": "integer"},
        "fps": {"type": "integer", "maximum": 60},
        "steps": {"type": "integer", "maximum": 50},
        "guidance_scale": {"type": "integer"},
    },
    "prompt",
)
GEMINI_IMAGE = _object(
    {
        "prompt": _TEXT,
        "aspect_ratio": {"type": "string", "enum": ["1:1", "4:3", "16:9"]},
        "image_size": {"type": "string", "enum": ["1K", "2K", "4K"]},
        "mime_type": {"type": "string", "enum": ["image/png", "image/jpeg"]},
    },
    "prompt",
)
ELEVENLABS_MUSIC = _object(
    {
        "prompt": _TEXT,
        "music_length_ms": {"type": "integer", "minimum": 3000, "maximum": 600000},
        "output_format": {
            "type": "string",
            "enum": [
                "mp3_22050_32",
                "mp3_44100_128",
                "mp3_44100_192",
                "opus_48000_64",
                "pcm_16000",
            ],
            "default": "mp3_44100_128",
        },
    },
    "prompt",
)
ELEVENLABS_SPEECH = _object(
    {
        "text": _TEXT,
        "voice_id": {"type": "string", "enum": ["v1", "v2"]},
        "language_code": {"type": "string", "enum": ["en", "de", "pt"]},
        "seed": {"type": "integer", "minimum": 0, "maximum": 4294967295},
    },
    "text",
    "voice_id",
)
NAMED_LANGUAGES = _object(
    {
        "text": _TEXT,
        "language": {"type": "string", "enum": ["Auto", "English", "Chinese (Mandarin)"]},
    },
    "text",
)
SONG = _object(
    {"lyrics": _TEXT, "duration": {"type": "number", "minimum": 10, "maximum": 240}}, "lyrics"
)
OPEN_SIZES = _object(
    {
        "prompt": _TEXT,
        "size": {"type": "string", "default": "1024*1024"},
        "n": {"type": "string", "enum": ["1", "2"]},
    },
    "prompt",
)
ANY_RATIO = _object(
    {"prompt": _TEXT, "aspect_ratio": _TEXT, "duration": {"type": "string", "default": "5s"}},
    "prompt",
)
NUMBERED = _object(
    {"prompt": _TEXT, "input_image": _TEXT, "input_image_2": _TEXT, "input_image_3": _TEXT},
    "prompt",
)
TALKING = _object(
    {"prompt": _TEXT, "video_url": _TEXT, "audio_url": _TEXT, "audio": {"type": "boolean"}},
    "video_url",
    "audio_url",
)

ALL: dict[str, Schema] = {
    name: value
    for name, value in list(globals().items())
    if name.isupper() and not name.startswith("_") and isinstance(value, dict)
}
