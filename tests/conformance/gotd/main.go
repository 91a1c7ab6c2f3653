// gotd/td (layer 228) against a running system: logs in over its transports, chats, and recovers what it missed.
// Usage: gotd <connect.json's dc as JSON>. Prints a line per step and ends with 1 if one failed.
package main

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/gotd/td/session"
	"github.com/gotd/td/telegram"
	"github.com/gotd/td/telegram/auth"
	"github.com/gotd/td/telegram/dcs"
	"github.com/gotd/td/telegram/message"
	"github.com/gotd/td/telegram/updates"
	updhook "github.com/gotd/td/telegram/updates/hook"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/transport"
)

// A busy machine takes its time.
const waitMax = 30 * time.Second

var people int

type dataCenter struct {
	ID        int    `json:"id"`
	Host      string `json:"host"`
	Port      int    `json:"port"`
	PublicKey string `json:"publicKey"`
}

func (dc dataCenter) key() (*rsa.PublicKey, error) {
	block, _ := pem.Decode([]byte(dc.PublicKey))
	if block == nil {
		return nil, errors.New("no PEM in publicKey")
	}
	return x509.ParsePKCS1PublicKey(block.Bytes)
}

// account answers the library's questions at login.
type account struct{ phone, code, name string }

func (a account) Phone(context.Context) (string, error) { return a.phone, nil }
func (a account) Password(context.Context) (string, error) {
	return "", errors.New("no password is set")
}
func (a account) Code(context.Context, *tg.AuthSentCode) (string, error)            { return a.code, nil }
func (a account) AcceptTermsOfService(context.Context, tg.HelpTermsOfService) error { return nil }
func (a account) SignUp(context.Context) (auth.UserInfo, error) {
	return auth.UserInfo{FirstName: a.name}, nil
}

// person is an account with what outlives its connections: the session and the state of updates.
type person struct {
	account  account
	dc       dataCenter
	resolver dcs.Resolver
	session  session.StorageMemory
	updates  *updates.Manager
	events   chan tg.UpdateClass
	self     *tg.User
	// Of all its connections.
	complaints complaints

	client *telegram.Client
	stop   func() error
}

func newPerson(dc dataCenter, name string, resolver dcs.Resolver) *person {
	people++
	phone := fmt.Sprintf("99966%d%04d", dc.ID, people)
	p := &person{account: account{phone, strings.Repeat(fmt.Sprint(dc.ID), 5), name}, dc: dc, resolver: resolver, events: make(chan tg.UpdateClass, 1_000)}
	p.updates = updates.New(updates.Config{Handler: telegram.UpdateHandlerFunc(p.onUpdates), Logger: &p.complaints})
	return p
}

func (p *person) onUpdates(_ context.Context, u tg.UpdatesClass) error {
	if batch, ok := u.(*tg.Updates); ok {
		for _, update := range batch.Updates {
			p.events <- update
		}
	}
	return nil
}

// start connects, logs in when needed, and begins to take updates.
func (p *person) start(ctx context.Context) error {
	key, err := p.dc.key()
	if err != nil {
		return err
	}
	p.client = telegram.NewClient(1, strings.Repeat("0", 32), telegram.Options{
		DC:         p.dc.ID,
		DCList:     dcs.List{Options: []tg.DCOption{{ID: p.dc.ID, IPAddress: p.dc.Host, Port: p.dc.Port}}},
		PublicKeys: []telegram.PublicKey{{RSA: key}},
		Resolver:   p.resolver, SessionStorage: &p.session, UpdateHandler: p.updates,
		Middlewares: []telegram.Middleware{updhook.UpdateHook(p.updates.Handle), updhook.AffectedHook(p.updates)},
	})
	running, cancel := context.WithCancel(ctx)
	ready, ended := make(chan error, 1), make(chan error, 1)
	go func() {
		ended <- p.client.Run(running, func(ctx context.Context) error {
			if err := p.client.Auth().IfNecessary(ctx, auth.NewFlow(p.account, auth.SendCodeOptions{})); err != nil {
				ready <- err
				return err
			}
			self, err := p.client.Self(ctx)
			if err != nil {
				ready <- err
				return err
			}
			p.self = self
			return p.updates.Run(ctx, p.client.API(), self.ID, updates.AuthOptions{OnStart: func(context.Context) { ready <- nil }})
		})
	}()
	p.stop = func() error {
		cancel()
		defer p.updates.Reset()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
		return nil
	}
	select {
	case err := <-ready:
		return err
	case err := <-ended:
		return err
	case <-time.After(waitMax):
		return errors.New("not ready in time")
	}
}

// wait takes updates until one satisfies test.
func (p *person) wait(what string, test func(tg.UpdateClass) bool) error {
	late := time.After(waitMax)
	for {
		select {
		case update := <-p.events:
			if test(update) {
				return nil
			}
		case <-late:
			return fmt.Errorf("%s: %s did not arrive", p.account.name, what)
		}
	}
}

func (p *person) receive(text string) (id int, err error) {
	err = p.wait(fmt.Sprintf("%q", text), func(u tg.UpdateClass) bool {
		update, ok := u.(*tg.UpdateNewMessage)
		if !ok {
			return false
		}
		m, ok := update.Message.(*tg.Message)
		if ok && m.Message == text {
			id = m.ID
			return true
		}
		return false
	})
	return id, err
}

// know imports the other as a contact, which shows its access hash.
func (p *person) know(ctx context.Context, other *person) (*tg.InputPeerUser, error) {
	imported, err := p.client.API().ContactsImportContacts(ctx, []tg.InputPhoneContact{{ClientID: 1, Phone: other.account.phone, FirstName: other.account.name}})
	if err != nil {
		return nil, err
	}
	for _, u := range imported.Users {
		if user, ok := u.(*tg.User); ok && user.ID == other.self.ID {
			return user.AsInputPeer(), nil
		}
	}
	return nil, errors.New("the contact was not found")
}

func (p *person) send(ctx context.Context, to tg.InputPeerClass, text string) (int, error) {
	id, err := messageID(message.NewSender(p.client.API()).To(to).Text(ctx, text))
	return id, err
}

func messageID(u tg.UpdatesClass, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	switch u := u.(type) {
	case *tg.UpdateShortSentMessage:
		return u.ID, nil
	case *tg.Updates:
		for _, update := range u.Updates {
			if of, ok := update.(*tg.UpdateMessageID); ok {
				return of.ID, nil
			}
		}
	}
	return 0, fmt.Errorf("no message id in %T", u)
}

func (p *person) history(ctx context.Context, peer tg.InputPeerClass, limit int) ([]string, error) {
	page, err := p.client.API().MessagesGetHistory(ctx, &tg.MessagesGetHistoryRequest{Peer: peer, Limit: limit})
	if err != nil {
		return nil, err
	}
	modified, ok := page.AsModified()
	if !ok {
		return nil, errors.New("no messages")
	}
	var texts []string
	for _, m := range modified.GetMessages() {
		if m, ok := m.(*tg.Message); ok {
			texts = append(texts, m.Message)
		}
	}
	return texts, nil
}

func main() {
	var dc dataCenter
	if err := json.Unmarshal([]byte(os.Args[1]), &dc); err != nil {
		panic(err)
	}
	ctx := context.Background()
	passed, failed := 0, 0
	step := func(title string, task func() error) {
		began := time.Now()
		if err := task(); err != nil {
			failed++
			fmt.Printf("FAIL  gotd       %s\n      %v\n", title, err)
			return
		}
		passed++
		fmt.Printf("pass  gotd       %s (%d ms)\n", title, time.Since(began).Milliseconds())
	}

	for _, via := range []struct {
		name    string
		options dcs.PlainOptions
	}{
		{"intermediate", dcs.PlainOptions{Protocol: transport.Intermediate}},
		{"padded intermediate", dcs.PlainOptions{Protocol: transport.PaddedIntermediate}},
		{"abridged", dcs.PlainOptions{Protocol: transport.Abridged}},
		{"full", dcs.PlainOptions{Protocol: transport.Full}},
		{"obfuscated abridged", dcs.PlainOptions{Protocol: transport.Abridged, Obfuscated: true}},
		{"obfuscated padded", dcs.PlainOptions{Protocol: transport.PaddedIntermediate, Obfuscated: true}},
	} {
		step("sign up over "+via.name, func() error {
			p := newPerson(dc, "Over "+via.name, dcs.Plain(via.options))
			if err := p.start(ctx); err != nil {
				return err
			}
			if _, err := p.send(ctx, &tg.InputPeerSelf{}, "over "+via.name); err != nil {
				return err
			}
			texts, err := p.history(ctx, &tg.InputPeerSelf{}, 1)
			if err != nil || len(texts) != 1 || texts[0] != "over "+via.name {
				return fmt.Errorf("history %v %v", texts, err)
			}
			return p.stop()
		})
	}

	alice, bob := newPerson(dc, "Alice", dcs.Plain(dcs.PlainOptions{})), newPerson(dc, "Bob", dcs.Plain(dcs.PlainOptions{}))
	var toBob, toAlice *tg.InputPeerUser
	step("two people know each other", func() (err error) {
		if err = alice.start(ctx); err != nil {
			return err
		}
		if err = bob.start(ctx); err != nil {
			return err
		}
		if toBob, err = alice.know(ctx, bob); err != nil {
			return err
		}
		toAlice, err = bob.know(ctx, alice)
		return err
	})
	if toBob == nil || toAlice == nil {
		fmt.Printf("\n%d passed, %d failed\n", passed, failed)
		os.Exit(1)
	}
	step("send, receive, read mark", func() error {
		if _, err := alice.send(ctx, toBob, "hello"); err != nil {
			return err
		}
		id, err := bob.receive("hello")
		if err != nil {
			return err
		}
		if _, err := bob.client.API().MessagesReadHistory(ctx, &tg.MessagesReadHistoryRequest{Peer: toAlice, MaxID: id}); err != nil {
			return err
		}
		return alice.wait("the read mark", func(u tg.UpdateClass) bool { _, ok := u.(*tg.UpdateReadHistoryOutbox); return ok })
	})
	step("edit and delete", func() error {
		id, err := alice.send(ctx, toBob, "draft")
		if err != nil {
			return err
		}
		if _, err := bob.receive("draft"); err != nil {
			return err
		}
		if _, err := alice.client.API().MessagesEditMessage(ctx, &tg.MessagesEditMessageRequest{Peer: toBob, ID: id, Message: "final"}); err != nil {
			return err
		}
		if err := bob.wait("the edit", func(u tg.UpdateClass) bool {
			edit, ok := u.(*tg.UpdateEditMessage)
			if !ok {
				return false
			}
			m, ok := edit.Message.(*tg.Message)
			return ok && m.Message == "final"
		}); err != nil {
			return err
		}
		if _, err := alice.client.API().MessagesDeleteMessages(ctx, &tg.MessagesDeleteMessagesRequest{Revoke: true, ID: []int{id}}); err != nil {
			return err
		}
		return bob.wait("the deletion", func(u tg.UpdateClass) bool { _, ok := u.(*tg.UpdateDeleteMessages); return ok })
	})
	step("typing", func() error {
		if _, err := alice.client.API().MessagesSetTyping(ctx, &tg.MessagesSetTypingRequest{Peer: toBob, Action: &tg.SendMessageTypingAction{}}); err != nil {
			return err
		}
		return bob.wait("typing", func(u tg.UpdateClass) bool { _, ok := u.(*tg.UpdateUserTyping); return ok })
	})
	step("twenty in order", func() error {
		for i := range 20 {
			if _, err := alice.send(ctx, toBob, fmt.Sprintf("burst %d", i)); err != nil {
				return err
			}
		}
		for i := range 20 {
			if _, err := bob.receive(fmt.Sprintf("burst %d", i)); err != nil {
				return err
			}
		}
		return nil
	})
	step("recovery after being away", func() error {
		if err := bob.stop(); err != nil {
			return err
		}
		for i := range 5 {
			if _, err := alice.send(ctx, toBob, fmt.Sprintf("missed %d", i)); err != nil {
				return err
			}
		}
		if err := bob.start(ctx); err != nil {
			return err
		}
		for i := range 5 {
			if _, err := bob.receive(fmt.Sprintf("missed %d", i)); err != nil {
				return err
			}
		}
		return nil
	})
	channelSteps(ctx, step, alice, bob, toBob)
	step("log out", func() error {
		if _, err := alice.client.API().AuthLogOut(ctx); err != nil {
			return err
		}
		return bob.stop()
	})
	fmt.Printf("\n%d passed, %d failed\n", passed, failed)
	if failed > 0 {
		os.Exit(1)
	}
}
