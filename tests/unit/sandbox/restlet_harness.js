// Runs the RESTlet's scripts outside the platform: records in memory, requests from standard input.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

const folder = process.argv[2];
const records = new Map();
const files = [];
const attached = [];
let lastId = 100;

const FIELD_TYPES = { trandate: 'date' };

class Entry {
  constructor(type, id, held) {
    this.type = type;
    this.id = id;
    this.values = { ...held?.values };
    this.lines = structuredClone(held?.lines ?? {});
  }
  getField({ fieldId }) { return { type: FIELD_TYPES[fieldId] ?? 'text' }; }
  getSublistField({ fieldId }) { return this.getField({ fieldId }); }
  setValue({ fieldId, value }) {
    if (fieldId === 'nosuchfield') throw { name: 'SSS_INVALID_FIELD', message: fieldId };
    this.values[fieldId] = value;
  }
  getValue({ fieldId }) { return this.values[fieldId]; }
  getFields() { return Object.keys(this.values); }
  getSublists() { return Object.keys(this.lines); }
  getSublistFields({ sublistId }) { return Object.keys(this.lines[sublistId][0] ?? {}); }
  getLineCount({ sublistId }) { return this.lines[sublistId]?.length ?? 0; }
  insertLine({ sublistId, line }) { (this.lines[sublistId] ??= []).splice(line, 0, {}); }
  removeLine({ sublistId, line }) { this.lines[sublistId].splice(line, 1); }
  setSublistValue({ sublistId, fieldId, line, value }) { this.lines[sublistId][line][fieldId] = value; }
  getSublistValue({ sublistId, fieldId, line }) { return this.lines[sublistId][line][fieldId]; }
  save() {
    this.id ??= String((lastId += 1));
    records.set(`${this.type}:${this.id}`, { values: this.values, lines: this.lines });
    return Number(this.id);
  }
}

const record = {
  create: ({ type }) => new Entry(type),
  load: ({ type, id }) => {
    const held = records.get(`${type}:${id}`);
    if (!held) throw { name: 'RCRD_DSNT_EXIST', message: 'That record does not exist.' };
    return new Entry(type, id, held);
  },
  delete: ({ type, id }) => records.delete(`${type}:${id}`),
  attach: (pair) => attached.push(pair),
};

const matches = (values, [field, operator, wanted]) => {
  const name = field === 'externalid' ? 'externalid' : field;
  return operator === 'anyof' || operator === 'is' ? String(values[name] ?? '') === String(wanted) : false;
};

const search = {
  create: ({ type, filters }) => ({
    run: () => ({
      getRange: () => {
        const wanted = filters.filter(Array.isArray);
        return [...records]
          .filter(([key, held]) => key.startsWith(`${type}:`) && wanted.every((one) => matches(held.values, one)))
          .map(([key]) => ({ id: key.split(':')[1] }))
          .slice(0, 1);
      },
    }),
  }),
};

const file = {
  Type: { PLAINTEXT: 'PLAINTEXT', PDF: 'PDF' },
  create: (wanted) => ({ save: () => files.push(wanted) }),
};
const transaction = { void: ({ type, id }) => Number(record.load({ type, id }).id) };
const error = { create: ({ name, message }) => ({ name, message }) };

const platform = {
  'N/record': record,
  'N/search': search,
  'N/file': file,
  'N/error': error,
  'N/transaction': transaction,
};

const load = (name) => {
  let made;
  const define = (needs, make) => {
    made = make(...needs.map((need) => platform[need] ?? load(need.replace('./', ''))));
  };
  vm.runInNewContext(fs.readFileSync(path.join(folder, `${name}.js`), 'utf8'), { define, Date });
  return made;
};

const restlet = load('tallystick_restlet');
const answers = JSON.parse(fs.readFileSync(0, 'utf8')).map(([method, body]) => {
  try {
    return restlet[method](body);
  } catch (thrown) {
    return { error: { code: thrown.name, message: thrown.message ?? String(thrown) } };
  }
});
process.stdout.write(JSON.stringify({ answers, files, attached }));
