-- Nothing reads the books by day or by account: entries are found by their key and their record, balances read all of them.
drop index ledger_entry_day;
drop index posting_account;
