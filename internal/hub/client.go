package hub

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync/atomic"
	"time"
)

const (
	triesMax      = 6
	delayMin      = time.Second // after the first try; then it doubles
	delayMax      = 30 * time.Second
	redirectsMax  = 10
	headerTimeout = 30 * time.Second
	stallTimeout  = 60 * time.Second // without a byte
	// progressBytes is how much a try must bring to count as the first again.
	progressBytes = 64 << 10
)

// A client talks to the hub, and has what tests replace.
type client struct {
	Config
	http    *http.Client // follows redirects
	nearby  *http.Client // follows redirects to the hub itself
	reached atomic.Bool  // whether the hub ever answered

	workers   int
	partBytes int64
	stall     time.Duration
	sleep     func(ctx context.Context, d time.Duration) error
	symlink   func(target, path string) error
	free      func(dir string) (n int64, known bool)
}

func newClient(config Config) (*client, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true,
		TLSHandshakeTimeout: headerTimeout, ResponseHeaderTimeout: headerTimeout, MaxIdleConnsPerHost: workersMax}
	return &client{
		Config:  config,
		http:    &http.Client{Transport: transport, CheckRedirect: redirect},
		nearby:  &http.Client{Transport: transport, CheckRedirect: redirectNearby},
		workers: workersMax, partBytes: partBytes, stall: stallTimeout,
		sleep: sleep, symlink: os.Symlink, free: freeSpace,
	}, nil
}

// redirect keeps the token from all hosts but the first, whatever they are called.
func redirect(req *http.Request, via []*http.Request) error {
	first := via[0].URL
	if len(via) >= redirectsMax {
		return errors.New("the hub sends us around in circles")
	}
	if first.Scheme == "https" && req.URL.Scheme != "https" {
		return errInsecure
	}
	for _, r := range append(via[1:len(via):len(via)], req) {
		if r.URL.Scheme != first.Scheme || r.URL.Host != first.Host {
			req.Header.Del("Authorization")
		}
	}
	return nil
}

// redirectNearby stops before a redirect to another host.
func redirectNearby(req *http.Request, via []*http.Request) error {
	if req.URL.Scheme != via[0].URL.Scheme || req.URL.Host != via[0].URL.Host {
		return http.ErrUseLastResponse
	}
	return redirect(req, via)
}

// send asks for an address of the endpoint. byteRange may be empty. The caller drops the answer.
func (c *client) send(ctx context.Context, via *http.Client, method, address, byteRange string) (
	*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "cria")
	req.Header.Set("Accept-Encoding", "identity") // sizes and ranges are those of the file
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	if byteRange != "" {
		req.Header.Set("Range", byteRange)
	}
	resp, err := via.Do(req)
	if err != nil {
		return nil, c.unreachable(ctx, err)
	}
	c.reached.Store(true)
	return resp, nil
}

// errUnreachable is a hub to which there is no way, now.
var errUnreachable = errors.New("the hub cannot be reached")

// unreachable says what an error of the network is, without the address: that
// of a redirect can be signed, and is nobody's business.
func (c *client) unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var where *url.Error
	if errors.As(err, &where) {
		err = where.Err
	}
	var certificate *tls.CertificateVerificationError
	var dial *net.OpError
	switch {
	case errors.Is(err, errInsecure) || errors.As(err, &certificate):
		return err
	case !c.reached.Load() && errors.As(err, &dial) && dial.Op == "dial":
		return fmt.Errorf("%w: %w", errUnreachable, err) // asking again helps nobody who is offline
	}
	return temporary{err}
}

// A temporary error may be gone at the next try.
type temporary struct{ error }

func (t temporary) Unwrap() error { return t.error }

// A busy hub may say when to ask again.
type busy struct {
	temporary
	after string // seconds
}

func (b busy) Unwrap() error { return b.temporary }

// retry calls f until it succeeds, fails for good or has failed too often in a
// row. After a try that brought many bytes the count begins anew.
func (c *client) retry(ctx context.Context, f try) error {
	for tries := 1; ; tries++ {
		n, err := c.watch(ctx, f)
		var t temporary
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case !errors.As(err, &t):
			return err
		case n >= progressBytes:
			tries = 1
		case tries == triesMax:
			return fmt.Errorf("%w (%d tries)", err, triesMax)
		}
		if err := c.sleep(ctx, delay(tries, err)); err != nil {
			return err
		}
	}
}

// delay returns how long to wait after a try that failed.
func delay(tries int, err error) time.Duration {
	d := min(delayMin<<(tries-1), delayMax)
	var b busy
	if errors.As(err, &b) {
		if seconds, err := strconv.Atoi(b.after); err == nil && seconds > 0 {
			d = max(d, min(time.Duration(seconds), delayMax/time.Second)*time.Second)
		}
	}
	return d
}

// sleep waits, or returns why ctx has ended.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

var errStalled = errors.New("the hub has stopped sending")

// A try asks the hub for something and returns how many bytes that brought. It
// calls alive when some arrive: if it does not for too long, ctx ends.
type try func(ctx context.Context, alive func()) (int64, error)

// watch calls f once.
func (c *client) watch(ctx context.Context, f try) (int64, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timer := time.AfterFunc(c.stall, func() { cancel(temporary{errStalled}) })
	defer timer.Stop()
	n, err := f(ctx, func() { timer.Reset(c.stall) })
	if cause := context.Cause(ctx); err != nil && errors.Is(cause, errStalled) {
		err = cause
	}
	return n, err
}
