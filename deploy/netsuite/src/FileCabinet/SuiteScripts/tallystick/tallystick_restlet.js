/**
 * The one RESTlet of Tallystick: writes, reads and deletes a record and attaches a file, for
 * accounts where the REST record service cannot (legacy tax, the file cabinet).
 *
 * @NApiVersion 2.1
 * @NScriptType Restlet
 * @NModuleScope SameAccount
 */
define(
  ['N/record', 'N/search', 'N/file', 'N/error', './tallystick_operations'],
  (record, search, file, error, operations) => operations.endpoint({ record, search, file, error }),
);
