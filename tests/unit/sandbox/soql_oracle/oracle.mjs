// Asks a public SOQL parser about each query of queries.txt and writes corpus.jsonl:
//   npm ci && node oracle.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { parseQuery } from '@jetstreamapp/soql-parser-js';

const here = (name) => new URL(name, import.meta.url);
const lower = (text) => text.replace(/\s+/g, '').toLowerCase();

function called(fn) {
  const given = fn.parameters.map((entry) =>
    typeof entry === 'string' ? lower(entry) : called(entry),
  );
  return `${fn.functionName.toLowerCase()}(${given.join(',')})`;
}

function field(entry) {
  if (entry.type === 'FieldSubquery') return query(entry.subquery);
  if (entry.type === 'FieldTypeof') {
    const cases = entry.conditions.map(
      (found) => `${found.objectType ?? 'else'}:${found.fieldList.join(',')}`,
    );
    return lower(`typeof ${entry.field} ${cases.join(' ')}`);
  }
  const text =
    entry.type === 'FieldFunctionExpression' ? called(entry) : lower(entry.rawValue ?? entry.field);
  return entry.alias ? `${text} ${entry.alias.toLowerCase()}` : text;
}

function value(item) {
  if (item.valueQuery) return query(item.valueQuery);
  const texts = Array.isArray(item.value) ? item.value : [item.value];
  return texts.map((text) => (text.startsWith("'") ? text : text.toLowerCase())).join(',');
}

function conditions(clause) {
  if (!clause) return [];
  const found = [];
  const left = clause.left;
  if (left && left.operator) {
    const name = left.fn ? called(left.fn) : lower(left.field);
    const operator = left.operator === '<>' ? '!=' : left.operator.toLowerCase();
    found.push(name, operator, value(left));
  }
  if (clause.operator) found.push(clause.operator.toLowerCase());
  return [...found, ...conditions(clause.right)];
}

function orders(list) {
  return list.map((entry) => {
    const name = entry.fn ? called(entry.fn) : lower(entry.field);
    const nulls = entry.nulls === 'LAST' ? ' last' : '';
    return `${name}${entry.order === 'DESC' ? ' desc' : ''}${nulls}`;
  });
}

const some = (found) => (Array.isArray(found) ? found : found ? [found] : []);

function query(tree) {
  return {
    fields: tree.fields.map(field),
    from: (tree.sObject ?? tree.relationshipName).toLowerCase(),
    where: conditions(tree.where),
    group: some(tree.groupBy).map((entry) => (entry.fn ? called(entry.fn) : lower(entry.field))),
    having: conditions(tree.having),
    order: orders(some(tree.orderBy)),
    limit: tree.limit ?? null,
    offset: tree.offset ?? 0,
  };
}

const lines = readFileSync(here('queries.txt'), 'utf8').split('\n').filter(Boolean);
const rows = lines.map((soql) => {
  try {
    return { soql, valid: true, tree: query(parseQuery(soql)) };
  } catch {
    return { soql, valid: false };
  }
});
writeFileSync(here('corpus.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n') + '\n');
