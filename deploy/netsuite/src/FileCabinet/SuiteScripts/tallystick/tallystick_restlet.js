/**
 * The one RESTlet of Tallystick: writes, reads, deletes and voids a record and attaches a file,
 * where the REST record service cannot (legacy tax, voiding, the file cabinet).
 *
 * @NApiVersion 2.1
 * @NScriptType Restlet
 * @NModuleScope SameAccount
 */
define(
  ['N/record', 'N/search', 'N/file', 'N/error', 'N/transaction', './tallystick_operations'],
  (record, search, file, error, transaction, operations) =>
    operations.endpoint({ record, search, file, error, transaction }),
);
