// Drives headless Chromium through a login: its one argument is JSON (executable, start, other,
// logout), and what it saw is printed as one line of JSON.
import { chromium } from 'playwright-core';

const { executable, start, other, logout } = JSON.parse(process.argv[2]);
const browser = await chromium.launch({
  executablePath: executable, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
const saw = {};
// What a page says, without what the browser puts around JSON.
const text_of = (page) => page.evaluate(
  () => (document.querySelector('pre') ?? document.body).innerText);
try {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, bypassCSP: true });
  const page = await context.newPage();
  await page.route(/fonts\.g/, (route) => route.abort());
  await page.goto(start);
  saw.asked = page.url();
  await page.fill('input[name=login]', 'alice');
  await page.fill('input[name=password]', 'any');
  await page.click('button[type=submit]');
  await page.waitForURL(start);
  saw.arrived = JSON.parse(await text_of(page));
  saw.cookies = (await context.cookies(start)).filter((each) => each.name.startsWith('__Host-'));
  saw.visible = await page.evaluate(() => document.cookie);
  // The page's own requests.
  saw.own = await page.evaluate(async (url) => {
    const answer = await fetch(url, { method: 'POST', body: 'x' });
    return answer.status;
  }, start);
  // A page of the same site, but another origin, tries the same; then one of another site.
  for (const [name, url] of Object.entries(other)) {
    const foreign = await context.newPage();
    await foreign.goto(url);
    await foreign.evaluate((target) => {
      const form = document.createElement('form');
      form.method = 'post';
      form.action = target;
      document.body.append(form);
      form.submit();
    }, start);
    await foreign.waitForURL(start);
    saw[name] = await text_of(foreign);
    await foreign.goto(url);
    await foreign.evaluate((target) => { location.href = target; }, logout);
    await foreign.waitForURL(logout);
    saw[`${name}_logout`] = await text_of(foreign);
    await foreign.close();
  }
  await page.goto(start);
  saw.still = JSON.parse(await text_of(page)).target;
  await page.evaluate((target) => { location.href = target; }, logout);
  await page.waitForSelector('button[value=yes]');
  saw.at_provider = page.url().split('?')[0];
  await page.click('button[value=yes]');
  await page.waitForURL(logout);
  saw.logged_out = await text_of(page);
  saw.left = (await context.cookies(start)).filter((each) => each.name.startsWith('__Host-'));
  await page.goto(start);
  saw.again = page.url();
} finally {
  await browser.close();
}
console.log(JSON.stringify(saw));
