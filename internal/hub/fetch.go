package hub

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	workersMax = 4
	partBytes  = 16 << 20
	chunkBytes = 256 << 10
	sizeMax    = 1 << 44
	lockDelay  = 200 * time.Millisecond
)

// fetch makes a file a blob of the cache, unless it is one. Whoever else fetches it is waited for.
func (c *client) fetch(ctx context.Context, to cache, h head) (err error) {
	blob := to.blob(h.etag)
	if err := errors.Join(os.MkdirAll(filepath.Dir(blob), 0o777), os.MkdirAll(to.locks, 0o777)); err != nil {
		return err
	}
	lock, err := os.OpenFile(filepath.Join(to.locks, h.etag+".lock"), os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	for {
		locked, err := tryLock(lock)
		if err != nil {
			return fmt.Errorf("%s: %w", lock.Name(), err)
		}
		if info, err := os.Stat(blob); err == nil && info.Size() == h.size {
			return nil
		}
		if locked {
			break
		}
		if err := c.sleep(ctx, lockDelay); err != nil {
			return err
		}
	}
	d := &download{client: c, head: h}
	return d.run(ctx, blob)
}

// A download is a file on its way into the cache. On disk it is the
// file's bytes, those that are not there yet being anything, and then a byte for each part
// of partBytes: 1 if it is there. So a download that was killed goes on where it was.
type download struct {
	*client
	head
	file *os.File
	mu   sync.Mutex // guards done, and calls of Progress
	done int64      // bytes of the file that are there
}

const incompleteSuffix = ".cria.incomplete"

func (d *download) parts() int64 { return (d.size + d.partBytes - 1) / d.partBytes }

// run fetches the file to a path.
func (d *download) run(ctx context.Context, path string) (err error) {
	temp := path + incompleteSuffix
	if d.file, err = os.OpenFile(temp, os.O_RDWR|os.O_CREATE, 0o666); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = d.file.Close() // a second Close is harmless
		}
	}()
	missing, err := d.missing()
	if err != nil {
		return err
	}
	err = d.fetchParts(ctx, missing)
	if errors.Is(err, errNoRanges) {
		err = d.fetchWhole(ctx)
	}
	if err != nil {
		return err
	}
	if err := d.verify(ctx); err != nil {
		if errors.Is(err, errWrongHash) {
			err = errors.Join(err, d.file.Close(), os.Remove(temp))
		}
		return err
	}
	// Sync takes long, and without its flags a file begins anew: they go last.
	if err := errors.Join(d.file.Sync(), d.file.Truncate(d.size), d.file.Close()); err != nil {
		return err
	}
	return os.Rename(temp, path)
}

// missing returns which parts are not there. A file that is not of a download
// of this size begins anew.
func (d *download) missing() (missing []int64, err error) {
	there, err := d.flags()
	if err == nil && there == nil {
		there = make([]byte, d.parts())
		err = errors.Join(d.file.Truncate(0), d.file.Truncate(d.size+d.parts()))
	}
	d.done, missing = d.tally(there)
	return missing, err
}

// tally returns how many bytes are there, and which parts are not.
func (d *download) tally(there []byte) (done int64, missing []int64) {
	for i, flag := range there {
		if part := int64(i); flag == 1 {
			done += d.end(part) - part*d.partBytes
		} else {
			missing = append(missing, part)
		}
	}
	return done, missing
}

// flags returns the byte of each part, or nil if the file is not of this download.
func (d *download) flags() ([]byte, error) {
	info, err := d.file.Stat()
	if err != nil || info.Size() != d.size+d.parts() {
		return nil, err
	}
	there := make([]byte, d.parts())
	if _, err := d.file.ReadAt(there, d.size); err != nil && len(there) > 0 {
		return nil, err
	}
	return there, nil
}

// arrived returns how many bytes of a file are there of a download to path.
func (c *client) arrived(path string, h head) int64 {
	f, err := os.Open(path + incompleteSuffix)
	if err != nil {
		return 0
	}
	defer func() { _ = f.Close() }() // it was only read
	d := &download{client: c, head: h, file: f}
	there, err := d.flags()
	if err != nil {
		return 0
	}
	done, _ := d.tally(there)
	return done
}

// end returns where a part ends.
func (d *download) end(part int64) int64 { return min((part+1)*d.partBytes, d.size) }

// add counts bytes that have come in.
func (d *download) add(n int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done += n
	if d.Progress != nil {
		d.Progress(d.name, d.done, d.size)
	}
}

// fetchParts fetches several parts at once. The first error ends all of them.
func (d *download) fetchParts(ctx context.Context, parts []int64) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	todo := make(chan int64, len(parts))
	for _, i := range parts {
		todo <- i
	}
	close(todo)
	var workers sync.WaitGroup
	for range min(d.workers, len(parts)) {
		workers.Go(func() {
			for i := range todo {
				if err := d.fetchPart(ctx, i); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

// fetchPart fetches a part, and says so on disk.
func (d *download) fetchPart(ctx context.Context, i int64) error {
	at, end := i*d.partBytes, d.end(i)
	err := d.retry(ctx, func(ctx context.Context, alive func()) (int64, error) {
		n, err := d.fetchRange(ctx, at, end, alive)
		at += n
		return n, err
	})
	if err != nil {
		return err
	}
	_, err = d.file.WriteAt([]byte{1}, d.size+i)
	return err
}

var errNoRanges = errors.New("the hub knows no ranges")

// fetchRange fetches bytes from at up to end, and returns how many of them are on disk.
func (d *download) fetchRange(ctx context.Context, at, end int64, alive func()) (int64, error) {
	resp, err := d.send(ctx, d.http, http.MethodGet, d.url, fmt.Sprintf("bytes=%d-%d", at, end-1))
	if err != nil {
		return 0, err
	}
	defer drop(resp)
	switch resp.StatusCode {
	case http.StatusPartialContent:
		var lo, hi, size int64
		got := resp.Header.Get("Content-Range")
		n, err := fmt.Sscanf(got, "bytes %d-%d/%d", &lo, &hi, &size)
		if n != 3 || err != nil || lo != at || hi >= end || size != d.size {
			return 0, fmt.Errorf("%s: the hub sends %.80q, want bytes %d-%d/%d", d.name, got, at, end-1, d.size)
		}
	case http.StatusOK:
		if at != 0 || end != d.size {
			return 0, errNoRanges
		}
	default:
		return 0, d.refusal(resp, d.spec, d.name)
	}
	return d.receive(ctx, resp.Body, at, end, alive)
}

// fetchWhole fetches all of the file in one piece, from a hub that knows no ranges.
func (d *download) fetchWhole(ctx context.Context) error {
	return d.retry(ctx, func(ctx context.Context, alive func()) (int64, error) {
		d.add(-d.done)
		resp, err := d.send(ctx, d.http, http.MethodGet, d.url, "")
		if err != nil {
			return 0, err
		}
		defer drop(resp)
		if resp.StatusCode != http.StatusOK {
			return 0, d.refusal(resp, d.spec, d.name)
		}
		_, err = d.receive(ctx, resp.Body, 0, d.size, alive)
		return 0, err // nothing of a try is of use to the next
	})
}

// receive writes what comes in to bytes at up to end of the file. More or less is an error.
func (d *download) receive(ctx context.Context, body io.Reader, at, end int64, alive func()) (int64, error) {
	start, b := at, make([]byte, chunkBytes)
	for {
		n, err := body.Read(b)
		alive()
		if int64(n) > end-at {
			return at - start, fmt.Errorf("%s: the hub sends more than the %d bytes that it announced", d.name, d.size)
		}
		if _, err := d.file.WriteAt(b[:n], at); err != nil {
			return at - start, err
		}
		at += int64(n)
		d.add(int64(n))
		switch {
		case errors.Is(err, io.EOF) && at == end:
			return at - start, nil
		case errors.Is(err, io.EOF):
			return at - start, temporary{fmt.Errorf("%s: the hub sends %d of %d bytes", d.name, at-start, end-start)}
		case err != nil && ctx.Err() != nil:
			return at - start, context.Cause(ctx)
		case err != nil:
			return at - start, temporary{fmt.Errorf("%s: %w", d.name, err)}
		}
	}
}

var errWrongHash = errors.New("the file is not what the hub says, and was removed")

// verify compares the file with its hash, if it has one.
func (d *download) verify(ctx context.Context) error {
	want := d.hash()
	if want == "" {
		return nil
	}
	sum, b := sha256.New(), make([]byte, 1<<20)
	for at := int64(0); at < d.size; {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		n, err := d.file.ReadAt(b[:min(int64(len(b)), d.size-at)], at)
		if n == 0 {
			return err
		}
		sum.Write(b[:n])
		at += int64(n)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != want {
		return fmt.Errorf("%s: SHA-256 is %s, want %s: %w", d.name, got, want, errWrongHash)
	}
	return nil
}
