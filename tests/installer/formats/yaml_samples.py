"""YAML texts for the tests of the reader and of the edits.

The agents' files are written after the samples in their public documentation:
aider.chat/docs/config/aider_conf.html, block.github.io/goose (config.yaml), docs.continue.dev/reference.
"""

from __future__ import annotations

AIDER = """\
##########################################################
# Sample .aider.conf.yml
# This file lists *all* the valid configuration entries.
##########################################################

## Specify the model to use for the main chat
model: sonnet   # the main one

#########################
# API Keys and settings:
#openai-api-key: xxx

## Set an environment variable (to control API settings, can be used multiple times)
set-env:
  - OLLAMA_API_BASE=http://127.0.0.1:11434
auto-commits: false
lint-cmd:
- "python: flake8 --select=E9"
- 'js: eslint'
alias:
  - "fast:gpt-4o-mini"
  - smart:o3
map-tokens: 1_024
dark-mode: yes
restore-chat-history: Off
"""

GOOSE = """\
GOOSE_PROVIDER: anthropic
GOOSE_MODE: smart_approve
GOOSE_TEMPERATURE: 0.7
extensions:
  developer:
    bundled: true
    display_name: Developer
    enabled: true
    name: developer
    timeout: 300
    type: builtin
  # fetches pages
  fetch:
    args:
    - mcp-server-fetch
    - --ignore-robots-txt
    cmd: uvx
    description: null
    env_keys: []
    envs: {}
    name: fetch
    timeout: 300.5
    type: stdio
experiments:
  ENABLE_PLAN: false
"""

CONTINUE = """\
name: My Config
version: 0.0.1
schema: v1
models:
  - name: GPT-4o
    provider: openai
    apiKey: ${{ secrets.OPENAI_API_KEY }}
    roles: [chat, edit]
    defaultCompletionOptions:
      temperature: 0.7
      contextLength: 128000
rules:
  - |
    Always be: nice
      - indented

    # not a comment
  - >-
    folded text
    goes on

    new paragraph
      kept
  - plain rule
prompts:
  - name: check
    description: "a \\"description\\" \\u00e9\\t"
    prompt: |2-
        two
       one

mcpServers:
  - name: sqlite
    command: npx
    args:
      - -y
      - "@scope/server"
    env:
      KEY: ${{ secrets.X }}   # from the hub
  -   name: other
      type: streamable-http
      url: http://localhost:80/y?z#w
data: []
"""

# Read like PyYAML reads them.
READ = (
    AIDER,
    GOOSE,
    CONTINUE,
    """\
# c
read:
  - /home/a b/CONVENTIONS.md # why
  - ~/x#y.md

  # trailing
dark-mode: yes
""",
    """\
read: [a, "b", 'c''d',
  e, # x
  f ,
]
other: {a: 1, "b":2, c: [x, {y: z}], d: , e: {}}
""",
    """\
base: &base
  a: 1
  b: [1, 2]
list: &l
- x
- y
one:
  <<: *base
  c: 3
two:
  d: 4
  <<: [*base, *base]
  a: 9
three: *l
four: &s text
five: *s
six: &n
seven: [*s, *n]
""",
    """\
---
# doc
a: 0o17
b: 017
c: 0x1F
d: 1e5
e: 1.5e+3
f: .inf
g: -.Inf
h: .nan
i: 1:30
j: 2024-01-02
k: 2024-01-02 03:04:05.6 +02:30
l: 2024-01-02T03:04:05Z
m: ~
n: Null
o: On
p: y
q: +12
r: 0b11
s: 08
t: 12e03
u: 1_0.5_0
v: 190:20:30.15
w: 1.
x: "=x"
""",
    """\
a:
  - - 1
    - 2
  -
    b: c
    d:
    - e
    -
  - - - deep
  - {}
f:
g: |+
  keep


h: >+2
   x
    y

i: "q"
""",
    """\
"quoted key": 1
'it''s': 2
3: three
true: yes
null: no
a b c : d
k:  "v"   # c
url: http://a.b/c:d
neg: -1
dash: -x
q: ?x
col: :x
win: C:\\x\\y
hash: a#b
star: a*b
amp: a & b
""",
    """\
- a
- b: 1
  c: 2
-
  - d
- "e": f
  'g': [h]
- |
  text
- > # comment
  fold
  more

  x
""",
    """\
plain top
""",
    """\
[a, b]
""",
    """\
{a: b,
 c: d}
""",
    "\ufeffa: 1\nb: 2\n",
    """\
a: |
  x
""",
    """\
a: >
   one
   two


   three
    four
   five
""",
    """\
a: |


  x
  \x20
  y
 \x20
b: |-
  z

c: |

d: 1
""",
    """\

""",
    """\
a: plain text that goes on
  over three lines, with -
    signs #like these
b: 'quoted
  text, it''s   \x20
  "long"'
c: "double \\
  \\ quoted\\t
  text" # c
d:
  - 2024-01-02
    03:04:05
  - one
   two
  -
    1
    2
e:
  three
  four
""",
)

# Left alone, each for a reason of its own. PyYAML reads some of them.
REFUSED = (
    "a: one # c\n  two\n",
    "a: one\n\n  two\n",
    "a: one\n  b: two\n",
    "a: one\n  - two\n",
    "a: 'one\n\n  two'\n",
    "a: 'one\ntwo'\n",
    'a: "one\n\ttwo"\n',
    'a: "one\\ \n  two"\n',
    "a: ['one\n  two']\n",
    "'a\n  b': c\n",
    "a: [one\n  two]\n",
    "a: 1\nb: !!str 2\n",
    "%YAML 1.1\n---\na: 1\n",
    "a: 1\n---\nb: 2\n",
    "a: 1\n...\n",
    "...\n",
    "? a\n: b\n",
    "a:\n\tb: 1\n",
    "a: b\t# c\n",
    "a:\tb\n",
    "a: b: c\n",
    "a: - b\n",
    "a: 1\nb\n",
    "a: [1, 2\n",
    "a: [1 2]\nb: }\n",
    "a: {b: 1]\n",
    "a: [b: c]\n",
    "a: [b?c]\n",
    "a: [,]\n",
    "a: {b:1}\n",
    "a: [x\n---\n]\n",
    "a: *b\n",
    "a: &b 1\nc: &b 2\n",
    "a: &b [*b]\n",
    "&a b: c\n",
    "a: &b *c\n",
    "a: 2024-13-45\n",
    "a: 0x_\n",
    "a: =\n",
    "a: <<\n",
    "<<: 1\n",
    "1.5: a\n",
    "a: @b\n",
    "a: `b\n",
    "a: %b\n",
    'a: "\\q"\n',
    'a: "\\ud800"\n',
    'a: "\\U00110000"\n',
    "a: 'b' c\n",
    "a: 'b'#c\n",
    "a: |x\n  b\n",
    "a: |0\n  b\n",
    "a: | b\n",
    "a: |\n     \n  b\n",
    "a:\n   b: 1\n  c: 2\n",
    "a:\n  - b\n c: d\n",
    "- a\nb: c\n",
    "a: 1\n- b\n",
    "a: x\x85b: y\n",
    "a: x\u2028b: y\n",
    "a: \x00\n",
    "a: b\rc: d\n",
    "a: 1\n\ufeffb: 2\n",
    "a" * 1100 + ": 1\n",
    "- " * 60 + "a\n",
    "a: " + "[" * 60 + "]" * 60 + "\n",
)
