import '../conversation.js';
import '../messenger-elements.js';
import { equal, goTo, has, mount, ok, one, test, until } from './harness.js';
import { story } from './story.js';

test('in a page with its own font, theme and reset', async () => {
  document.documentElement.className = 'own';
  goTo('?channel=ch-2');
  story().install();
  mount('messenger-inbox');
  await until(() => has('.messenger-message') && has('.messenger-row'), 'the page');
  const style = (/** @type {string} */ selector) => getComputedStyle(one(selector));
  await until(() => style('.messenger-panes').display === 'grid', 'the styles');
  ok(style('.messenger-row-name').fontFamily.includes('Courier'), 'the font of the host');
  equal(
    style('.messenger-panes').getPropertyValue('--_accent') || style('messenger-inbox').getPropertyValue('--_accent'),
    'rgb(120, 0, 90)',
    'its accent',
  );
  equal(style('.messenger-tag').textTransform, 'uppercase', 'an unlayered rule wins');
  equal(style('.messenger-button').paddingLeft, '0px', 'its reset wins');
  for (const target of document.querySelectorAll('messenger-inbox button, messenger-inbox a')) {
    const { width, height } = target.getBoundingClientRect();
    if (width) ok(width >= 24 && height >= 24, `${target.outerHTML.slice(0, 120)} is ${width} by ${height}`);
  }
});
