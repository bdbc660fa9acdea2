// Writes cldr.json, how CLDR writes the figures that the tests ask for:
//
//   node cldr.js cs da de en es fi fr hu it nl pl pt ro sk sv >cldr.json
const out = {};
for (const lang of process.argv.slice(2)) {
  const tag = {en: 'en-GB', pt: 'pt-PT'}[lang] ?? lang;
  const put = (key, value) => { out[lang + ' ' + key] = value; };
  for (const [code, digits] of [['EUR', 2], ['CHF', 2], ['GBP', 2], ['USD', 2], ['PLN', 2], ['CZK', 2], ['SEK', 2], ['DKK', 2], ['HUF', 2], ['RON', 2], ['NOK', 2], ['JPY', 0], ['KWD', 3]])
    for (const minor of [0, 5, -123450, 1234567, 1234567890])
      put(code + ' ' + minor, new Intl.NumberFormat(tag, {style: 'currency', currency: code, minimumFractionDigits: digits}).format(minor / 10 ** digits));
  for (const n of [0, 999, 1234, 12345, 1234567, -9876])
    put('number ' + n, new Intl.NumberFormat(tag).format(n));
  for (const p of [0, 700, 775, 1900, 10000])
    put('percent ' + p, new Intl.NumberFormat(tag, {style: 'percent', maximumFractionDigits: 2}).format(p / 10000));
  for (let m = 1; m <= 12; m++) {
    const iso = '2026-' + String(m).padStart(2, '0');
    const day = new Date(iso + '-09T00:00:00Z');
    put('month ' + iso, new Intl.DateTimeFormat(tag, {month: 'long', year: 'numeric', timeZone: 'UTC'}).format(day));
    put('date ' + iso + '-09', new Intl.DateTimeFormat(tag, {dateStyle: 'medium', timeZone: 'UTC'}).format(day));
  }
  for (const code of 'DE AT CH FR IT NL BE LU ES PT PL CZ SK HU RO BG HR SI DK SE FI NO IE GB GR EE LV LT MT CY LI AU US'.split(' '))
    put('country ' + code, new Intl.DisplayNames(tag, {type: 'region'}).of(code));
}
console.log(JSON.stringify({cldr: process.versions.cldr, figures: out}, null, 1));
