/** Colours of a theme, as custom properties. Each pair of text and ground keeps a contrast of 4.5 or more. */
const LIGHT = `--ground:#fff;--panel:#f4f6f8;--ink:#16191f;--dim:#545b64;--edge:#c9d0d6;--link:#0a58a8;
--good:#17663a;--good-ground:#e2f4e8;--wait:#744700;--wait-ground:#fff1d1;--bad:#a1180c;--bad-ground:#fde8e5;
--rest:#3d4b60;--rest-ground:#e6ebf2;--life:#8ccda4;--window:#e9b949;--gap:#e2857b;color-scheme:light`;
const DARK = `--ground:#0f141a;--panel:#19212b;--ink:#e6eaee;--dim:#a4afba;--edge:#3a4654;--link:#7cb8f5;
--good:#86e3ad;--good-ground:#12301f;--wait:#ffd27a;--wait-ground:#38290a;--bad:#ffa79d;--bad-ground:#421712;
--rest:#b9c8e0;--rest-ground:#202b3a;--life:#2f7a4c;--window:#b98a1c;--gap:#a8463b;color-scheme:dark`;

/** `&` is the page's own element: a dashboard has other widgets beside it. */
const RULES = `
&{--tone:var(--rest);--tone-ground:var(--rest-ground);container-type:inline-size;box-sizing:border-box;padding:1rem;background:var(--ground);color:var(--ink);font:.9375rem/1.45 system-ui,sans-serif;overflow-wrap:anywhere}
& *{box-sizing:border-box}
& :is(cwdb-action,[hidden]){display:none!important}
& :is(h1,h2,h3,p,ul,dl,dd){margin:0;padding:0}
& ul{list-style:none}
& h1{font-size:1.25rem}
& h2{font-size:1.125rem;display:flex;flex-wrap:wrap;gap:.5rem;align-items:center}
& h3{font-size:1rem}
& :is(header,section){margin-bottom:1rem}
& header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;justify-content:space-between;align-items:baseline}
& .dim{color:var(--dim);font-weight:400}
& :is(a,.link){color:var(--link);background:none;border:0;padding:0;font:inherit;text-align:left;text-decoration:underline;cursor:pointer}
& :is(a,button,input,select,.scroll):focus-visible{outline:3px solid var(--link);outline-offset:2px}
& :is(button,.button):not(.link){display:inline-flex;align-items:center;line-height:1.2;min-height:1.75rem;padding:.15rem .6rem;border:1px solid var(--dim);border-radius:.375rem;background:var(--panel);color:var(--ink);font:inherit;font-size:.875rem;text-decoration:none;cursor:pointer}
& :is(button,.button):not(.link):hover{border-color:var(--link)}
& :is(input,select){min-height:1.75rem;max-width:100%;padding:.15rem .4rem;border:1px solid var(--dim);border-radius:.375rem;background:var(--ground);color:var(--ink);font:inherit}
& .facts{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;padding:.5rem .75rem;border-radius:.5rem;background:var(--panel)}
& .facts div{display:flex;gap:.4rem;min-width:0}
& dt{color:var(--dim);white-space:nowrap}
& dd{font-variant-numeric:tabular-nums}
& .bad dd{color:var(--bad);font-weight:600}
& .notice{margin-bottom:.75rem;padding:.5rem .75rem;border-left:.25rem solid var(--wait);border-radius:.25rem;background:var(--wait-ground);color:var(--ink)}
& .notice.done{border-color:var(--good);background:var(--good-ground)}
& .notice.failed{border-color:var(--bad);background:var(--bad-ground)}
& .tiles{display:flex;flex-wrap:wrap;gap:.5rem;margin-bottom:1rem}
& .tile{display:block;padding:.35rem .75rem;border:1px solid currentcolor;border-radius:.5rem;text-decoration:none;background:var(--tone-ground);color:var(--tone)}
& .tile:hover{text-decoration:underline}
& .tile[aria-current]{box-shadow:inset 0 0 0 2px}
& .tile b{font-size:1.125rem;font-variant-numeric:tabular-nums}
& .filters{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;margin-bottom:.5rem}
& .filters label{display:flex;gap:.4rem;align-items:center;min-width:0;color:var(--dim)}
& .filters input{width:11rem}
& .filters select{min-width:0}
& .found{margin-bottom:.5rem;color:var(--dim)}
& .healthy{--tone:var(--good);--tone-ground:var(--good-ground)}
& .retrying{--tone:var(--wait);--tone-ground:var(--wait-ground)}
& :is(.new,.paused){--tone:var(--rest);--tone-ground:var(--rest-ground)}
& :is(.need,.failing,.awaiting-credentials,.misconfigured,.needs-reauthorization){--tone:var(--bad);--tone-ground:var(--bad-ground)}
& .badge{display:inline-block;padding:0 .45rem;border:1px solid;border-radius:.375rem;background:var(--tone-ground);color:var(--tone);font-size:.8125rem;font-weight:600;white-space:nowrap}
& .badge.need{background:var(--bad);color:var(--ground);border-color:var(--bad)}
& .rows>*{border-top:1px solid var(--edge)}
& .group{padding:.6rem 0 .25rem .75rem;border-left:.25rem solid var(--tone)}
& .group h2{font-size:1rem}
& .group .rows{margin-top:.5rem}
& .more{padding:.5rem 0}
& .row{display:grid;grid-template-columns:minmax(9rem,1.2fr) minmax(11rem,1.4fr) minmax(9rem,1.4fr) auto;gap:.25rem 1rem;align-items:center;padding:.5rem .25rem .5rem .75rem;border-left:.25rem solid var(--tone)}
& .group .row{border-left:0;padding-left:.25rem}
& .who{display:flex;flex-direction:column;min-width:0}
& .name{font-weight:600}
& .state{min-width:0}
& .buttons{display:flex;flex-wrap:wrap;gap:.4rem}
& .trouble{grid-column:1/-1}
& .todo{color:var(--ink)}
& .timeline{display:flex;flex-wrap:wrap;justify-content:space-between;min-width:0;color:var(--dim);font-size:.75rem}
& .timeline svg{display:block;width:100%;height:1.5rem}
& svg .line{fill:var(--edge)}
& svg .life{fill:var(--life)}
& svg .window{fill:var(--window)}
& svg .gap{fill:var(--gap)}
& svg path{fill:none;stroke-width:2px;vector-effect:non-scaling-stroke}
& svg .refreshed{stroke:var(--good)}
& svg .failed{stroke:var(--bad)}
& svg .now{stroke:var(--ink)}
& .legend{display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:.5rem 0;color:var(--dim);font-size:.8125rem}
& .legend li{display:flex;gap:.35rem;align-items:center}
& .key{width:1rem;height:.5rem;background:var(--life)}
& .key.window{background:var(--window)}
& .key.gap{background:var(--gap)}
& :is(.key.refreshed,.key.failed,.key.now){width:2px;height:.75rem;background:var(--good)}
& .key.failed{background:var(--bad)}
& .key.now{background:var(--ink)}
& .pages{display:flex;gap:1rem;padding:.75rem 0}
& .known{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,20rem),1fr));gap:.25rem 1.5rem;margin:.75rem 0}
& .known div{display:grid;grid-template-columns:9.5rem 1fr;gap:.5rem}
& .known dt{white-space:normal}
& .known dd{min-width:0}
& .utc{display:inline-block}
& .scroll{overflow-x:auto;margin-top:.5rem}
& table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums}
& :is(th,td){padding:.25rem .6rem;border-bottom:1px solid var(--edge);text-align:left;vertical-align:top;overflow-wrap:normal}
& td{white-space:nowrap}
& td:is(:nth-child(1),:nth-child(5)){white-space:normal}
& td:nth-child(1){min-width:9.5rem}
& .detail>*{margin-bottom:.6rem}
& td:nth-child(5){min-width:16rem;overflow-wrap:anywhere}
@container (max-width:52rem){& .row{grid-template-columns:1fr 1fr}& .row .timeline{grid-column:1/-1}}
@container (max-width:30rem){& .row{grid-template-columns:1fr}& .row>*{grid-column:1}& .filters label{width:100%}& :is(.filters label,.known div){display:grid;grid-template-columns:6rem 1fr}& .filters input{width:100%}}
@media (forced-colors:active){& .badge,& .row{border-color:CanvasText}& svg path{stroke:CanvasText}& svg .life{fill:Highlight}}
`;

export type Theme = 'light' | 'dark';

/** The page's style sheet, for one theme, or for whichever the reader's system has. */
export function styleSheet(theme?: Theme): string {
  const themed =
    theme === undefined
      ? `&{${LIGHT}}@media (prefers-color-scheme:dark){&{${DARK}}}`
      : `&{${theme === 'dark' ? DARK : LIGHT}}`;
  return `${themed}${RULES}`.replaceAll('\n', '').replaceAll('&', '.evertoken');
}
