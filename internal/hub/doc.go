// Package hub fetches models from the Hugging Face hub, or a server that
// answers like it, into the cache that other programs of that world use too:
//
//	DIR/models--ORG--NAME/refs/main                  the commit that "main" was last, 40 hex digits
//	                      blobs/ETAG                 contents; ETAG is the SHA-256 of a large file
//	                      blobs/ETAG.cria.incomplete a part of one, and which parts it has
//	                      snapshots/COMMIT/FILE      a link to ../../blobs/ETAG; without links, the file
//	DIR/.locks/models--ORG--NAME/ETAG.lock           held while a blob is written
//
// Whatever is there is complete: a file gets its name when all of it has been
// checked. What the files mean is not this package's business.
package hub
