/**
 * What the RESTlet does. It is given the modules of the platform, so that it can be tested
 * outside of it.
 *
 * A request names a record by `type` and `id` or `externalId`; `values` are body fields and
 * `lines` are sublists by their ids, each a list of objects. What a script throws the platform
 * answers as `{"error": {"code", "message"}}` with status 400.
 *
 * @NApiVersion 2.1
 * @NModuleScope SameAccount
 */
define([], () => {
  const FILE_BYTES_MAX = 10 * 1024 * 1024;
  const LINES_MAX = 1000;
  const DEFAULT_FOLDER = 'SuiteScripts/tallystick/files';
  const USUAL = { get: 'get', delete: 'delete', post: 'upsert', put: 'upsert' };

  const endpoint = (platform) => {
    const answer = (method) => (request) => operate(platform, method, request);
    return { get: answer('get'), delete: answer('delete'), post: answer('post'), put: answer('put') };
  };

  const operate = (platform, method, request) => {
    const body = request && typeof request === 'object' ? request : {};
    const name = body.operation || USUAL[method];
    const known = Object.keys(OPERATIONS);
    if (!known.includes(name)) {
      refuse(platform, 'INVALID_REQUEST', `operation: ${name} is none of ${known.join(', ')}.`);
    }
    if (!body.type) {
      refuse(platform, 'MISSING_REQD_ARGUMENT', 'type: name the record type.');
    }
    return OPERATIONS[name](platform, body);
  };

  const refuse = (platform, name, message) => {
    throw platform.error.create({ name, message, notifyOff: true });
  };

  /** The internal id that an external id leads to; empty when there is none. */
  const idOf = (platform, type, externalId) => {
    const found = platform.search
      .create({ type, filters: [['externalid', 'anyof', externalId]], columns: ['internalid'] })
      .run()
      .getRange({ start: 0, end: 1 });
    return found.length ? found[0].id : '';
  };

  const find = (platform, body) => {
    if (!body.id && !body.externalId) {
      refuse(platform, 'MISSING_REQD_ARGUMENT', 'id or externalId: name the record.');
    }
    const id = body.id || idOf(platform, body.type, body.externalId);
    if (!id) {
      refuse(platform, 'RCRD_DSNT_EXIST', 'That record does not exist.');
    }
    return String(id);
  };

  /** Lines that were sent are all the lines of their sublist afterwards. */
  const upsert = (platform, body) => {
    if (!body.externalId) {
      refuse(platform, 'MISSING_REQD_ARGUMENT', 'externalId: name the record by it.');
    }
    const held = idOf(platform, body.type, body.externalId);
    const entry = held
      ? platform.record.load({ type: body.type, id: held, isDynamic: false })
      : platform.record.create({ type: body.type, isDynamic: false });
    if (!held) {
      entry.setValue({ fieldId: 'externalid', value: body.externalId });
    }
    write(platform, entry, body.values || {});
    Object.entries(body.lines || {}).forEach(([sublistId, rows]) => {
      writeLines(platform, entry, sublistId, rows);
    });
    const id = entry.save({ enableSourcing: true, ignoreMandatoryFields: false });
    return { id: String(id), type: body.type.toLowerCase(), created: !held };
  };

  const write = (platform, entry, values) => {
    Object.entries(values).forEach(([fieldId, value]) => {
      entry.setValue({ fieldId, value: typed(entry.getField({ fieldId }), value) });
    });
  };

  const writeLines = (platform, entry, sublistId, rows) => {
    if (!Array.isArray(rows) || rows.length > LINES_MAX) {
      refuse(platform, 'INVALID_REQUEST', `lines.${sublistId}: send a list of at most ${LINES_MAX} lines.`);
    }
    for (let line = entry.getLineCount({ sublistId }) - 1; line >= 0; line -= 1) {
      entry.removeLine({ sublistId, line });
    }
    rows.forEach((row, line) => {
      entry.insertLine({ sublistId, line });
      Object.entries(row).forEach(([fieldId, value]) => {
        const field = entry.getSublistField({ sublistId, fieldId, line });
        entry.setSublistValue({ sublistId, fieldId, line, value: typed(field, value) });
      });
    });
  };

  /** Dates come as YYYY-MM-DD; a record wants a Date whose calendar day is that one. */
  const typed = (field, value) => {
    if (value === null) {
      return '';
    }
    if (field && field.type === 'date' && /^\d{4}-\d\d-\d\d$/.test(value)) {
      const [year, month, day] = value.split('-').map(Number);
      return new Date(year, month - 1, day);
    }
    return value;
  };

  const plain = (value) => {
    if (!(value instanceof Date)) {
      return value;
    }
    const two = (number) => String(number).padStart(2, '0');
    return `${value.getFullYear()}-${two(value.getMonth() + 1)}-${two(value.getDate())}`;
  };

  const isSet = (value) => value !== null && value !== undefined && value !== '';

  const get = (platform, body) => {
    const id = find(platform, body);
    const entry = platform.record.load({ type: body.type, id, isDynamic: false });
    const values = {};
    entry.getFields().forEach((fieldId) => {
      const value = entry.getValue({ fieldId });
      if (isSet(value)) {
        values[fieldId] = plain(value);
      }
    });
    const lines = {};
    entry.getSublists().forEach((sublistId) => {
      const rows = readLines(entry, sublistId);
      if (rows.length) {
        lines[sublistId] = rows;
      }
    });
    return { id, type: body.type.toLowerCase(), externalId: values.externalid || null, values, lines };
  };

  const readLines = (entry, sublistId) => {
    const rows = [];
    const count = Math.min(entry.getLineCount({ sublistId }), LINES_MAX);
    for (let line = 0; line < count; line += 1) {
      const row = {};
      entry.getSublistFields({ sublistId }).forEach((fieldId) => {
        const value = entry.getSublistValue({ sublistId, fieldId, line });
        if (isSet(value)) {
          row[fieldId] = plain(value);
        }
      });
      rows.push(row);
    }
    return rows;
  };

  const remove = (platform, body) => {
    const id = find(platform, body);
    platform.record.delete({ type: body.type, id });
    return { id, type: body.type.toLowerCase() };
  };

  /** The answer names the transaction that is void, or the journal that reverses it. */
  const voidOne = (platform, body) => {
    const id = platform.transaction.void({ type: body.type, id: find(platform, body) });
    return { id: String(id), type: body.type.toLowerCase() };
  };

  /** `file` has a name, base64 contents, and perhaps a folder's internal id and a type. */
  const attach = (platform, body) => {
    const id = find(platform, body);
    const sent = body.file || {};
    if (!sent.name || !sent.contents) {
      refuse(platform, 'MISSING_REQD_ARGUMENT', 'file.name and file.contents: send both.');
    }
    if (sent.contents.length > (FILE_BYTES_MAX * 4) / 3 + 4) {
      refuse(platform, 'SSS_FILE_CONTENT_SIZE_EXCEEDED', 'file.contents: at most 10 MB.');
    }
    const kept = platform.file.create({
      name: sent.name,
      fileType: platform.file.Type[sent.type || 'PLAINTEXT'],
      contents: sent.contents,
      folder: sent.folder || folderOf(platform, DEFAULT_FOLDER),
      isOnline: false,
    });
    const fileId = kept.save();
    platform.record.attach({
      record: { type: 'file', id: fileId },
      to: { type: body.type, id },
    });
    return { id, type: body.type.toLowerCase(), file: String(fileId) };
  };

  /** The folder's internal id; its last part is made when it is missing. */
  const folderOf = (platform, path) => {
    let parent = '';
    path.split('/').forEach((name) => {
      const filters = [['name', 'is', name]];
      if (parent) {
        filters.push('and', ['parent', 'anyof', parent]);
      }
      const found = platform.search
        .create({ type: 'folder', filters, columns: ['internalid'] })
        .run()
        .getRange({ start: 0, end: 1 });
      parent = found.length ? found[0].id : makeFolder(platform, name, parent);
    });
    return parent;
  };

  const makeFolder = (platform, name, parent) => {
    const folder = platform.record.create({ type: 'folder', isDynamic: false });
    folder.setValue({ fieldId: 'name', value: name });
    if (parent) {
      folder.setValue({ fieldId: 'parent', value: parent });
    }
    return String(folder.save());
  };

  const OPERATIONS = { upsert, get, delete: remove, attach, void: voidOne };

  return { endpoint };
});
