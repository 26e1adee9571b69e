"""What Isthmus remembers, in one database. Nothing here imports a database's library but `server.store.store`."""
