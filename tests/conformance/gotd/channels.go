// Groups, supergroups and channels as gotd/td sees them, and what its updates manager has to say of their pts.
package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gotd/log"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"
)

// What the updates manager says of what is as it should be: the first start has no state, a client is ended in the middle of a request, and a channel that was announced
// just after something passed in it is to be asked for, with whatever pts.
var harmless = []string{"Failed to load user state", "context canceled", "Got UpdateChannelTooLong without pts field"}

// complaints keeps what the library's updates manager calls a warning or an error.
type complaints struct {
	mu    sync.Mutex
	lines []string
}

func (c *complaints) Enabled(_ context.Context, level log.Level) bool { return level >= log.LevelWarn }
func (c *complaints) Log(_ context.Context, level log.Level, message string, attrs ...log.Attr) {
	if level < log.LevelWarn {
		return
	}
	line := message
	for _, attr := range attrs {
		line += fmt.Sprintf(" %s=%v", attr.Key, attr.Value.Any())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, known := range harmless {
		if strings.Contains(line, known) {
			return
		}
	}
	c.lines = append(c.lines, line)
}

func (c *complaints) said() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.lines)
}

// chat is a supergroup or channel as one person names it.
type chat struct{ id, hash int64 }

func (c chat) peer() *tg.InputPeerChannel {
	return &tg.InputPeerChannel{ChannelID: c.id, AccessHash: c.hash}
}
func (c chat) input() *tg.InputChannel { return &tg.InputChannel{ChannelID: c.id, AccessHash: c.hash} }

func (p *person) input(u *tg.InputPeerUser) *tg.InputUser {
	return &tg.InputUser{UserID: u.UserID, AccessHash: u.AccessHash}
}

// create makes a supergroup or channel.
func (p *person) create(ctx context.Context, title string, broadcast bool) (chat, error) {
	made, err := p.client.API().ChannelsCreateChannel(ctx, &tg.ChannelsCreateChannelRequest{Title: title, Broadcast: broadcast, Megagroup: !broadcast})
	if err != nil {
		return chat{}, err
	}
	return firstChannel(made)
}

func firstChannel(u tg.UpdatesClass) (chat, error) {
	if batch, ok := u.(*tg.Updates); ok {
		for _, each := range batch.Chats {
			if channel, ok := each.(*tg.Channel); ok && !channel.Min {
				return chat{channel.ID, channel.AccessHash}, nil
			}
		}
	}
	return chat{}, fmt.Errorf("no channel in %T", u)
}

// chats are all that this person's list of dialogs names.
func (p *person) chats(ctx context.Context) ([]tg.ChatClass, error) {
	page, err := p.client.API().MessagesGetDialogs(ctx, &tg.MessagesGetDialogsRequest{OffsetPeer: &tg.InputPeerEmpty{}, Limit: 100})
	if err != nil {
		return nil, err
	}
	modified, ok := page.AsModified()
	if !ok {
		return nil, errors.New("no dialogs")
	}
	return modified.GetChats(), nil
}

// find names a channel as this person may, waiting until it is in their list.
func (p *person) find(ctx context.Context, id int64) (found chat, err error) {
	return found, eventually(func() error {
		chats, err := p.chats(ctx)
		if err != nil {
			return err
		}
		for _, each := range chats {
			if channel, ok := each.(*tg.Channel); ok && channel.ID == id {
				found = chat{channel.ID, channel.AccessHash}
				return nil
			}
		}
		return fmt.Errorf("%s: channel %d is not in the list", p.account.name, id)
	})
}

func eventually(check func() error) (err error) {
	for late := time.Now().Add(waitMax); time.Now().Before(late); time.Sleep(50 * time.Millisecond) {
		if err = check(); err == nil {
			return nil
		}
	}
	return err
}

// receivePost takes updates until the channel's message with that text comes.
func (p *person) receivePost(in chat, text string) (id int, err error) {
	err = p.wait(fmt.Sprintf("%q", text), func(u tg.UpdateClass) bool {
		update, ok := u.(*tg.UpdateNewChannelMessage)
		if !ok {
			return false
		}
		m, ok := update.Message.(*tg.Message)
		if !ok || m.Message != text || m.PeerID.(*tg.PeerChannel).ChannelID != in.id {
			return false
		}
		id = m.ID
		return true
	})
	return id, err
}

// says sends into the chat and waits until the others have it, under the same id.
func (p *person) says(ctx context.Context, in chat, text string, others ...*person) (int, error) {
	id, err := p.send(ctx, in.peer(), text)
	if err != nil {
		return 0, err
	}
	for _, other := range others {
		got, err := other.receivePost(in, text)
		if err != nil {
			return 0, err
		}
		if got != id {
			return 0, fmt.Errorf("%s has %d, %s %d", p.account.name, id, other.account.name, got)
		}
	}
	return id, nil
}

func refused(err error, types ...string) error {
	if err == nil || !tgerr.Is(err, types...) {
		return fmt.Errorf("expected %v, got %v", types, err)
	}
	return nil
}

// channelSteps are the steps of main.go about groups and channels. Alice and Bob know each other.
func channelSteps(ctx context.Context, step func(string, func() error), alice, bob *person, toBob *tg.InputPeerUser) {
	var group, broadcast, his chat
	invite := func(in chat) error {
		_, err := alice.client.API().ChannelsInviteToChannel(ctx, &tg.ChannelsInviteToChannelRequest{Channel: in.input(), Users: []tg.InputUserClass{alice.input(toBob)}})
		return err
	}
	// Bob hears nothing of a channel whose hash he has not met: the updates manager drops it.
	bobKnows := func(in chat) (chat, error) {
		if err := invite(in); err != nil {
			return chat{}, err
		}
		if err := bob.wait("the channel", func(u tg.UpdateClass) bool {
			update, ok := u.(*tg.UpdateChannel)
			return ok && update.ChannelID == in.id
		}); err != nil {
			return chat{}, err
		}
		return bob.find(ctx, in.id)
	}
	step("a basic group: create, talk, title, leave", func() error {
		made, err := alice.client.API().MessagesCreateChat(ctx, &tg.MessagesCreateChatRequest{Users: []tg.InputUserClass{alice.input(toBob)}, Title: "small"})
		if err != nil {
			return err
		}
		id := made.Updates.(*tg.Updates).Chats[0].(*tg.Chat).ID
		peer := &tg.InputPeerChat{ChatID: id}
		if _, err := alice.send(ctx, peer, "in the small one"); err != nil {
			return err
		}
		if _, err := bob.receive("in the small one"); err != nil {
			return err
		}
		if _, err := alice.client.API().MessagesEditChatTitle(ctx, &tg.MessagesEditChatTitleRequest{ChatID: id, Title: "smaller"}); err != nil {
			return err
		}
		if err := bob.wait("the title", func(u tg.UpdateClass) bool {
			update, ok := u.(*tg.UpdateNewMessage)
			if !ok {
				return false
			}
			service, ok := update.Message.(*tg.MessageService)
			return ok && service.Action.TypeName() == "messageActionChatEditTitle"
		}); err != nil {
			return err
		}
		moved, err := alice.client.API().MessagesMigrateChat(ctx, id)
		if err != nil {
			return err
		}
		if his, err = firstChannel(moved); err != nil {
			return err
		}
		theirs, err := bob.find(ctx, his.id)
		if err != nil {
			return err
		}
		if _, err := alice.says(ctx, his, "in the large one", bob); err != nil {
			return err
		}
		_, err = bob.says(ctx, theirs, "a large answer", alice)
		return err
	})
	step("a supergroup: create, add, talk, edit, pin, delete", func() (err error) {
		if group, err = alice.create(ctx, "Judges", false); err != nil {
			return err
		}
		ofBob, err := bobKnows(group)
		if err != nil {
			return err
		}
		id, err := alice.says(ctx, group, "to the judges", bob)
		if err != nil {
			return err
		}
		for i := range 20 {
			from, to, in := alice, bob, group
			if i%2 == 1 {
				from, to, in = bob, alice, ofBob
			}
			if _, err := from.says(ctx, in, fmt.Sprintf("word %d", i), to); err != nil {
				return err
			}
		}
		if _, err := alice.client.API().MessagesEditMessage(ctx, &tg.MessagesEditMessageRequest{Peer: group.peer(), ID: id, Message: "to all judges"}); err != nil {
			return err
		}
		if err := bob.wait("the edit", func(u tg.UpdateClass) bool { _, ok := u.(*tg.UpdateEditChannelMessage); return ok }); err != nil {
			return err
		}
		if _, err := alice.client.API().MessagesUpdatePinnedMessage(ctx, &tg.MessagesUpdatePinnedMessageRequest{Peer: group.peer(), ID: id}); err != nil {
			return err
		}
		if err := bob.wait("the pin", func(u tg.UpdateClass) bool { _, ok := u.(*tg.UpdatePinnedChannelMessages); return ok }); err != nil {
			return err
		}
		if _, err := bob.client.API().ChannelsReadHistory(ctx, &tg.ChannelsReadHistoryRequest{Channel: ofBob.input(), MaxID: id}); err != nil {
			return err
		}
		if err := alice.wait("the read mark", func(u tg.UpdateClass) bool { _, ok := u.(*tg.UpdateReadChannelOutbox); return ok }); err != nil {
			return err
		}
		if _, err := alice.client.API().ChannelsDeleteMessages(ctx, &tg.ChannelsDeleteMessagesRequest{Channel: group.input(), ID: []int{id}}); err != nil {
			return err
		}
		if err := bob.wait("the deletion", func(u tg.UpdateClass) bool { _, ok := u.(*tg.UpdateDeleteChannelMessages); return ok }); err != nil {
			return err
		}
		_, err = alice.says(ctx, group, "after the deletion", bob)
		return err
	})
	step("a channel: posts, who may, admins, a username", func() (err error) {
		if broadcast, err = alice.create(ctx, "Verdicts", true); err != nil {
			return err
		}
		ofBob, err := bobKnows(broadcast)
		if err != nil {
			return err
		}
		id, err := alice.says(ctx, broadcast, "a verdict", bob)
		if err != nil {
			return err
		}
		_, err = bob.send(ctx, ofBob.peer(), "may I?")
		if err := refused(err, "CHAT_WRITE_FORBIDDEN", "CHAT_ADMIN_REQUIRED"); err != nil {
			return err
		}
		views, err := bob.client.API().MessagesGetMessagesViews(ctx, &tg.MessagesGetMessagesViewsRequest{Peer: ofBob.peer(), ID: []int{id}, Increment: true})
		if err != nil || len(views.Views) != 1 || views.Views[0].Views < 1 {
			return fmt.Errorf("views %v %v", views, err)
		}
		if _, err := alice.client.API().ChannelsEditAdmin(ctx, &tg.ChannelsEditAdminRequest{Channel: broadcast.input(), UserID: alice.input(toBob), AdminRights: tg.ChatAdminRights{PostMessages: true}}); err != nil {
			return err
		}
		if _, err := bob.says(ctx, ofBob, "by Bob", alice); err != nil {
			return err
		}
		name := fmt.Sprintf("gotd_judged_%d", time.Now().UnixNano()%1_000_000_000)
		if _, err := alice.client.API().ChannelsUpdateUsername(ctx, &tg.ChannelsUpdateUsernameRequest{Channel: broadcast.input(), Username: name}); err != nil {
			return err
		}
		found, err := bob.client.API().ContactsResolveUsername(ctx, &tg.ContactsResolveUsernameRequest{Username: name})
		if err != nil {
			return err
		}
		if peer, ok := found.Peer.(*tg.PeerChannel); !ok || peer.ChannelID != broadcast.id {
			return fmt.Errorf("%s is %v", name, found.Peer)
		}
		return nil
	})
	step("a link, a request to join, a restriction, a ban", func() error {
		ofBob, err := bob.find(ctx, group.id)
		if err != nil {
			return err
		}
		if _, err := bob.client.API().ChannelsLeaveChannel(ctx, ofBob.input()); err != nil {
			return err
		}
		exported, err := alice.client.API().MessagesExportChatInvite(ctx, &tg.MessagesExportChatInviteRequest{Peer: group.peer(), RequestNeeded: true})
		if err != nil {
			return err
		}
		link := exported.(*tg.ChatInviteExported).Link
		_, err = bob.client.API().MessagesImportChatInvite(ctx, link[strings.LastIndex(link, "+")+1:])
		if err := refused(err, "INVITE_REQUEST_SENT"); err != nil {
			return err
		}
		if _, err := alice.client.API().MessagesHideChatJoinRequest(ctx, &tg.MessagesHideChatJoinRequestRequest{Approved: true, Peer: group.peer(), UserID: alice.input(toBob)}); err != nil {
			return err
		}
		if ofBob, err = bob.find(ctx, group.id); err != nil {
			return err
		}
		if _, err := bob.says(ctx, ofBob, "back by request", alice); err != nil {
			return err
		}
		restrict := func(rights tg.ChatBannedRights) error {
			_, err := alice.client.API().ChannelsEditBanned(ctx, &tg.ChannelsEditBannedRequest{Channel: group.input(), Participant: toBob, BannedRights: rights})
			return err
		}
		if err := restrict(tg.ChatBannedRights{SendMessages: true}); err != nil {
			return err
		}
		_, err = bob.send(ctx, ofBob.peer(), "may I?")
		if err := refused(err, "CHAT_WRITE_FORBIDDEN", "USER_BANNED_IN_CHANNEL"); err != nil {
			return err
		}
		if err := restrict(tg.ChatBannedRights{ViewMessages: true}); err != nil {
			return err
		}
		if _, err := alice.says(ctx, group, "without Bob"); err != nil {
			return err
		}
		_, err = bob.client.API().UpdatesGetChannelDifference(ctx, &tg.UpdatesGetChannelDifferenceRequest{Channel: ofBob.input(), Filter: &tg.ChannelMessagesFilterEmpty{}, Pts: 1, Limit: 100})
		if err := refused(err, "CHANNEL_PRIVATE"); err != nil {
			return err
		}
		if err := restrict(tg.ChatBannedRights{}); err != nil {
			return err
		}
		if _, err := bobKnows(group); err != nil {
			return err
		}
		_, err = alice.says(ctx, group, "with Bob again", bob)
		return err
	})
	step("channels after being away: posts of several, an edit, a deletion, a removal", func() error {
		doomed, err := alice.create(ctx, "Doomed", false)
		if err != nil {
			return err
		}
		if _, err := bobKnows(doomed); err != nil {
			return err
		}
		if _, err := alice.says(ctx, doomed, "soon over", bob); err != nil {
			return err
		}
		if err := bob.stop(); err != nil {
			return err
		}
		var ids []int
		for i := range 60 {
			id, err := alice.says(ctx, group, fmt.Sprintf("away %d", i))
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		if _, err := alice.client.API().MessagesEditMessage(ctx, &tg.MessagesEditMessageRequest{Peer: group.peer(), ID: ids[3], Message: "away 3 edited"}); err != nil {
			return err
		}
		if _, err := alice.client.API().ChannelsDeleteMessages(ctx, &tg.ChannelsDeleteMessagesRequest{Channel: group.input(), ID: []int{ids[5]}}); err != nil {
			return err
		}
		if _, err := alice.says(ctx, broadcast, "a late verdict"); err != nil {
			return err
		}
		if _, err := alice.client.API().ChannelsDeleteChannel(ctx, doomed.input()); err != nil {
			return err
		}
		if err := bob.start(ctx); err != nil {
			return err
		}
		missing := map[string]bool{"a late verdict": true}
		for i := range 60 {
			missing[fmt.Sprintf("away %d", i)] = true
		}
		delete(missing, "away 5")
		delete(missing, "away 3")
		missing["away 3 edited"] = true
		return bob.wait(fmt.Sprintf("one of %d that were missed", len(missing)), func(u tg.UpdateClass) bool {
			if update, ok := u.(*tg.UpdateNewChannelMessage); ok {
				if m, ok := update.Message.(*tg.Message); ok {
					delete(missing, m.Message)
				}
			}
			return len(missing) == 0
		})
	})
	step("live again after the differences", func() error {
		for _, in := range []chat{group, broadcast, his} {
			if _, err := alice.says(ctx, in, "live again", bob); err != nil {
				return err
			}
		}
		return nil
	})
	step("the updates manager has nothing to complain of", func() error {
		if said := append(alice.complaints.said(), bob.complaints.said()...); len(said) > 0 {
			return errors.New(strings.Join(said, "\n      "))
		}
		return nil
	})
}
