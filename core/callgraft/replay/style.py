"""How the report looks: light and dark, on paper and on a phone."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --bg: #f6f7f9; --card: #fff; --ink: #1b2430; --soft: #5b6675;
  --grid: #e1e5ea; --own: #2563eb; --right: #0b7a55; --wrong: #c2410c; --none: #f6f7f9;
  --g4: #d3ebe1; --g3: #9fd0bb; --g2: #f2c55c; --g1: #e07b33; --g0: #9c2c10; }
@media (prefers-color-scheme: dark) { :root { --bg: #12161c; --card: #1b2129; --ink: #e7ebf0;
  --soft: #9aa5b3; --grid: #303945; --own: #78a9ff; --right: #4cc79a; --wrong: #ff9a66;
  --none: #161b22; --g4: #20463a; --g3: #33735e; --g2: #b98a2a; --g1: #e0823d; --g0: #ffab8f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 3rem; }
h1 { font-size: 1.75rem; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; margin: 0 0 .25rem; }
h3 { font-size: 1rem; margin: 1.75rem 0 .25rem; }
p { margin: .25rem 0 .75rem; }
.lead, .now, section > p, caption, figcaption { color: var(--soft); }
section { background: var(--card); border-radius: .75rem; padding: 1.25rem; margin-top: 1.25rem;
  border: 1px solid var(--grid); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem; }
.cards div { border: 1px solid var(--grid); border-radius: .5rem; padding: .6rem .8rem; }
.cards b { display: block; font-size: 1.6rem; line-height: 1.2; }
.cards span { color: var(--soft); font-size: .875rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr));
  gap: 1rem; }
figure { margin: 0; }
figure svg { width: 100%; max-width: 46rem; height: auto; display: block; }
svg text { font: 14.5px system-ui, sans-serif; fill: var(--soft); }
.axis { text-anchor: middle; } .end { text-anchor: end; } .start { text-anchor: start; }
.grid { stroke: var(--grid); } .line { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
.line.own { stroke: var(--own); stroke-dasharray: 7 4; } .dot.own { fill: var(--own); }
.line.right { stroke: var(--right); } .dot.right { fill: var(--right); }
.line.wrong { stroke: var(--wrong); } .dot.wrong { fill: var(--wrong); }
svg text.label { font-weight: 600; }
svg text.own { fill: var(--own); } svg text.right { fill: var(--right); }
svg text.wrong { fill: var(--wrong); }
.wide { overflow-x: auto; } .wide svg { min-width: 34rem; width: 100%; display: block; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums;
  font-size: .9375rem; }
caption { caption-side: bottom; text-align: left; font-size: .875rem; padding-top: .4rem; }
th, td { text-align: right; padding: .4rem .45rem; border-bottom: 1px solid var(--grid);
  white-space: nowrap; }
th { font-weight: 600; color: var(--soft); }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1rem; font-size: .875rem;
  margin: .75rem 0 0; }
.legend svg { width: .8rem; height: .8rem; margin-right: .35rem; }
rect.g4 { fill: var(--g4); } rect.g3 { fill: var(--g3); } rect.g2 { fill: var(--g2); }
rect.g1 { fill: var(--g1); } rect.g0 { fill: var(--g0); } rect.none { fill: var(--none); }
ul { margin: .5rem 0 0; padding-left: 1.2rem; } li { margin: .25rem 0; }
"""
