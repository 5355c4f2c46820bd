/**
 * The one RESTlet of Tallystick: writes, reads, deletes and voids a record and attaches a
 * file, where the REST record service cannot (legacy tax, voids, the file cabinet).
 *
 * @NApiVersion 2.1
 * @NScriptType Restlet
 * @NModuleScope SameAccount
 */
define(
  ['N/record', 'N/search', 'N/file', 'N/transaction', 'N/error', './tallystick_operations'],
  (record, search, file, transaction, error, operations) =>
    operations.endpoint({ record, search, file, transaction, error }),
);
