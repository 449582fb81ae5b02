### Why a message did not arrive.

# $time (String)
delivery-no-answer = no answer within { $time }
# $time (String)
delivery-no-connection = no connection within { $time }
delivery-hung-up = the receiver hung up without an answer
delivery-address = the address is not usable: http(s)://host/..
# $why (String)
delivery-answer-lost = the answer was lost: { $why }
delivery-answer-broke-off = the answer broke off
# $receiver (String)
delivery-foreign-answer = the answer does not come from { $receiver }
# $receiver (String)
delivery-pause = { $receiver } asked for a pause
# $chat (String)
delivery-chat-moved = the chat is { $chat } now
delivery-topic-gone = the topic is gone
# $status (String)
delivery-webhook-answer = the webhook answered { $status }
# $time (String)
delivery-mail-silent = no word on the message within { $time }
# $time (String)
delivery-mail-slow = the server took longer than { $time }
delivery-expired = expired: too old to be of use
# $cap (Number)
delivery-daily-cap = daily cap of { $cap } messages reached
delivery-interrupted = the program ended in the middle of the delivery
delivery-no-channel = the channel is not configured any more
