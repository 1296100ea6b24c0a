# Video sessions.

help_video = !video – open a video session, or show its link; !video end ends it
help_video_wish = !video – ask for a video session, or see the link to the open one
video_title = Video session
video_join = Join the video session
video_invitation = { $agent } invites you to a video session. { $kind ->
    [call] It is the call of this room: if your app can make calls, join with its call button. The link opens it in the browser, if you can log in there with the account that you use here.
   *[page] It opens in the browser, on a phone too.
}
video_opened = The video session is open. Your own link is here; the customer's is in the ticket's room. !video end ends it.
video_opened_comment = Video session opened:
video_is_open = { $state ->
    [in_progress] The video session is in progress.
   *[open] The video session is open. { $kind ->
        [call] Nobody has been seen in it yet.
       *[page] Nobody has been seen in the room's own call yet; who joins by the link is not seen there.
    }
}
video_none = There is no open video session.
video_ended = The video session has ended.
video_ended_in_thread = { $state ->
    [cancelled] Video session cancelled, as far as can be seen: nobody was in the room's call.
   *[done] Video session done.
}
video_off = { $off ->
    [desk] There are no video sessions for tickets of this desk.
    [template] There are no video sessions for tickets of this kind.
    [device] There are no video sessions for this device.
   *[organisation] Video sessions are switched off here.
}
video_not_for_customers = Please write that you would like a video session; whoever takes care of this ticket can open one.
video_wish = { $name } asks for a video session. ✅ here or !video opens one.
video_wish_comment = { $name } asks for a video session. Give the ticket to an agent with a Matrix account, who can open one, or send a link of your own.
video_wish_passed_on = Your wish was passed on. When a video session is opened, its link appears here.
video_in_progress = { $name } is in the video session.
video_empty = Everybody has left the video session. !video end ends it.
not_linked = The video session could not be linked to the ticket: { $reason }
no_widget = The video session could not be shown beside the messages: { $reason }
