import { html } from '../html.js';
import { morph } from '../morph.js';
import { equal, ok, test } from './harness.js';

const evil = '<img src=x onerror="window.hurt = 1">';

/** @param {DocumentFragment} fragment */
function into(fragment) {
  const div = document.createElement('div');
  div.append(fragment);
  return div;
}

test('a value is text, never markup', () => {
  const div = into(html`<p title="${evil}">${evil}</p>`);
  equal(div.querySelector('img'), null);
  equal(div.querySelector('p')?.textContent, evil);
  equal(div.querySelector('p')?.title, evil);
});

test('words that look like our own marks stay words', () => {
  equal(into(html`<p title=${'{{0}}'}>${'{{0}}'}</p>`).innerHTML, '<p title="{{0}}">{{0}}</p>');
});

test('an address that is a script is dropped', () => {
  const link = into(html`<a href=${'javascript:alert(1)'}>x</a>`).querySelector('a');
  equal(link?.hasAttribute('href'), false);
  equal(
    into(html`<a href=${'/clients/c-1'}>x</a>`)
      .querySelector('a')
      ?.getAttribute('href'),
    '/clients/c-1',
  );
});

test('attributes that are false, null or undefined are left out', () => {
  equal(
    into(html`<p hidden=${false} title=${null} lang=${undefined} data-x=${true}></p>`).innerHTML,
    '<p data-x=""></p>',
  );
});

test('a > or < in an attribute, a quotation mark in text and a comment change nothing', () => {
  const first = into(html`<p title="a > b < c" lang=${'cy'}>${'words'} it's "1 < 2" ${evil}</p>`);
  equal(first.querySelector('p')?.title, 'a > b < c');
  equal(first.querySelector('p')?.lang, 'cy');
  equal(first.textContent, `words it's "1 < 2" ${evil}`);
  const quoted = into(html`<p title='it is "so" > ${'x'}' data-x=a${1}>y</p><!-- a > "b -->${'z'}`);
  equal(quoted.querySelector('p')?.title, 'it is "so" > x');
  equal(quoted.querySelector('p')?.dataset.x, 'a1');
  equal(quoted.textContent, 'yz');
  equal(into(html`<textarea title="<b>" name=${'n'}><i>x</textarea>${'after'}`).textContent, '<i>xafter');
});

test('a value where none can stand is refused, not lost', () => {
  /** @param {() => unknown} make */
  const refused = (make) => {
    try {
      make();
    } catch (error) {
      return String(error);
    }
    return '';
  };
  ok(
    refused(() => html`<p ${'hidden'}>x</p>`),
    'an attribute of its own',
  );
  ok(
    refused(() => html`<p title="a" ${'hidden'}>x</p>`),
    'after an attribute',
  );
  ok(
    refused(() => html`<${'p'}>x</p>`),
    'the name of a tag',
  );
  ok(
    refused(() => html`<textarea>${'x'}</textarea>`),
    'what is never markup',
  );
  ok(
    refused(() => html`<!-- ${'x'} -->`),
    'a comment',
  );
});

test('lists, nothing, and numbers', () => {
  equal(into(html`<p>${[1, html`<b>2</b>`, null]}${false}${0}</p>`).textContent, '120');
});

test('morphing keeps nodes, focus and what was typed', () => {
  const div = into(html`<label data-key="a">A<input></label><p data-key="b">b</p>`);
  document.body.append(div);
  const input = /** @type {HTMLInputElement} */ (div.querySelector('input'));
  input.value = 'typed';
  input.focus();
  morph(div, html`<p data-key="b">b2</p><p data-key="c">c</p><label data-key="a">A2<input></label>`);
  ok(div.querySelector('input') === input, 'the same input');
  equal(input.value, 'typed');
  ok(document.activeElement === input, 'still focused');
  equal(div.textContent, 'b2cA2');
  div.remove();
});

test('morphing leaves alone what has not changed and what a custom element holds', () => {
  const div = into(html`<ul><li data-key="1"><b>one</b></li></ul><x-own><i>own</i></x-own>`);
  morph(div, html`<ul><li data-key="1" data-same></li><li data-key="2">two</li></ul><x-own title="new"></x-own>`);
  equal(
    div.innerHTML,
    '<ul><li data-key="1"><b>one</b></li><li data-key="2">two</li></ul><x-own title="new"><i>own</i></x-own>',
  );
});
