# Prepares a Request Tracker 5 for Ticketroom; README.md beside it says how to run it.
#
# May be run again at any time: what is there already is left as it is (the Scrip's code is brought up to date, and what was
# disabled is enabled again).
# TICKETROOM_TOKEN_FILE   where the bridge's token is written (mode 0600); printed otherwise
# TICKETROOM_NEW_TOKEN=1  makes a new token although there is one (the old one keeps working until it is deleted)
# TICKETROOM_HINT_URL     appservice.address of the bridge, which is told from now on that something changed; and
# TICKETROOM_HINT_TOKEN_FILE  a file that holds its helpdesk.hint_token

use strict;
use warnings;

our @Final = ( sub { Ticketroom::Seed->run } );

package Ticketroom::Seed;

use constant LOGIN => 'ticketroom';
# Read by Ticketroom through REST, to know that the Scrip below is there. Raise it whenever the Scrip changes.
use constant SEED => 'Ticketroom seed 1';

# What the bridge does, and the right it needs for it.
my @RIGHTS = (
    'SeeQueue',            # list the desks
    'ShowTicket',          # read tickets and what was written to the customer
    'ShowTicketComments',  # read internal notes
    'CreateTicket',        # open a ticket for a customer
    'ReplyToTicket',       # carry a message of the ticket room
    'CommentOnTicket',     # carry an internal note
    'ModifyTicket',        # close, reopen and link
    'OwnTicket',           # RT asks for it before a ticket is taken back from somebody
    'ReassignTicket',      # accept and release on behalf of an agent
    'SeeClass',            # find the class of articles that agents may link to
    'ShowArticle',         # read those articles, and building blocks
    'AdminUsers',          # read names, and make users for customers who have only a Matrix account
);

my $SCRIP = 'Ticketroom: on behalf and without reopening';

# Runs before every other Scrip, on each message that the bridge writes:
#  - the author named in the message becomes the author of the transaction, so that history, mails and
#    "is it the requestor who writes" are right;
#  - the marker is copied to where it can be searched;
#  - mails about it get ids that lead back to it;
#  - a closed ticket is not reopened (Ticketroom reopens only when somebody asks for it).
my $CONDITION = <<'CODE';
my $txn = $self->TransactionObj;
return 0 unless $txn->Type =~ /\A(?:Create|Correspond|Comment)\z/;
my $bridge = RT::User->new( RT->SystemUser );
$bridge->Load('ticketroom');
return $bridge->id && $txn->Creator == $bridge->id;
CODE

my $PREPARE = <<'CODE';
my $txn = $self->TransactionObj;
my $attachments = RT::Attachments->new( RT->SystemUser );
$attachments->Limit( FIELD => 'TransactionId', VALUE => $txn->id );
$attachments->OrderBy( FIELD => 'id' );
my ( $marker, $author );
while ( my $part = $attachments->Next ) {
    my $type = $part->GetHeader('Content-Type') // '';
    ($marker) = $type =~ /x-ticketroom-marker="?([A-Za-z0-9_.-]+)/ or next;
    ($author) = $type =~ /x-ticketroom-author="?([A-Za-z0-9_-]+)/;
    last;
}
return 0 unless $marker;

# RT makes the ids of its mails about a message from this one, if it names the ticket; that of REST does not. With it
# an answer to such a mail tells which message it answers.
if ( my $top = $txn->Message->First ) {
    $top->SetHeader( 'RT-Message-ID' => RT::Interface::Email::GenMessageId( Ticket => $self->TicketObj ) );
}

# RT's own actions look for it in the first part of this very object, when they are prepared after us.
if ( $self->TicketObj->LifecycleObj->IsInactive( $self->TicketObj->Status ) ) {
    my $top = $txn->Message->First;
    $top->SetHeader( 'RT-Control' => 'no-autoopen' ) if $top;
}

require MIME::Base64;
my $decode = sub {
    my $text = shift;
    $text =~ tr{-_}{+/};
    return Encode::decode( 'UTF-8', MIME::Base64::decode_base64($text) );
};
my ( $event, $proof ) = split /\./, $marker, 2;
if ( defined $proof ) {
    my $field = RT::CustomField->new( RT->SystemUser );
    $field->LoadByName(
        Name          => 'Matrix Event ID',
        LookupType    => 'RT::Queue-RT::Ticket-RT::Transaction',
        IncludeGlobal => 1
    );
    $txn->_AddCustomFieldValue(
        Field => $field, Value => $decode->($event) . ' ' . $proof, RecordTransaction => 0
    ) if $field->id;
}
if ( defined $author ) {
    my $person = RT::User->new( RT->SystemUser );
    $person->LoadByCols( Name => $decode->($author) );
    if ( $person->id ) {
        $txn->__Set( Field => 'Creator', Value => $person->id );
        $self->TicketObj->__Set( Field => 'Creator', Value => $person->id ) if $txn->Type eq 'Create';
    }
}
return 0;
CODE

my $HINTS = 'Ticketroom: hints';

# When a request is through: whether anything in it was not the bridge's own doing.
my $HINT_CONDITION = <<'CODE';
my $bridge = RT::User->new( RT->SystemUser );
$bridge->Load('ticketroom');
for my $txn ( @{ $self->TicketObj->TransactionBatch || [] } ) {
    next if $bridge->id && $txn->Creator == $bridge->id;
    return 1 unless $txn->FirstCustomFieldValue('Matrix Event ID');
}
return 0;
CODE

# Nobody is to wait for a bridge that is away: a hint that does not arrive is made up for by the next regular question.
my $HINT_COMMIT = <<'CODE';
require LWP::UserAgent;
LWP::UserAgent->new( timeout => 1, max_redirect => 0 )->post( '%s/_ticketroom/v1/hint', Authorization => 'Bearer %s' );
return 1;
CODE

sub run {
    my $user = bridge_user();
    my $marker = field( 'Matrix Event ID', 'RT::Queue-RT::Ticket-RT::Transaction',
        SEED . ': the Matrix event that a message was made from', [$user], [$user] );
    field( 'Matrix Event ID', 'RT::Queue-RT::Ticket',
        SEED . ': the Matrix event that a ticket was made from', [$user], [$user] );
    field( 'Matrix Room', 'RT::Queue-RT::Ticket', SEED . ': the ticket room', [ $user, group('Privileged') ], [$user] );
    field( 'Device', 'RT::Queue-RT::Ticket', SEED . ': what the ticket is about',
        [ $user, group('Privileged') ], [ $user, group('Privileged') ] );
    field( 'Template', 'RT::Queue-RT::Ticket', SEED . ': the template that the ticket was opened by',
        [ $user, group('Privileged') ], [$user] );
    # Who may set it may read that person's tickets in Matrix: nobody but the bridge and those with AdminUsers.
    field( 'Matrix ID', 'RT::User', SEED . ': the Matrix account of this person (@name:server)',
        [ $user, group('Privileged') ], [$user] );
    grant( $user, $_, $RT::System ) for @RIGHTS;
    articles($user);
    first( scrip( $SCRIP, 'TransactionCreate', $CONDITION, $PREPARE, 'return 1;' ) );
    # So `ticketroom check` knows which messages were written before the Scrip was as it is now.
    $marker->_SetLastUpdated;
    hints( $ENV{TICKETROOM_HINT_URL}, $ENV{TICKETROOM_HINT_TOKEN_FILE} ) if defined $ENV{TICKETROOM_HINT_URL};
    token($user);
    print "Ticketroom: everything is in place.\n";
}

sub fail { my $what = shift; print STDERR "Ticketroom: $what\n"; die "$what\n" }

sub bridge_user {
    my $user = RT::User->new($RT::SystemUser);
    $user->Load(LOGIN);
    unless ( $user->id ) {
        my ( $id, $message ) = $user->Create(
            Name     => LOGIN,
            RealName => 'Ticketroom',
            Comments => 'The bridge between Matrix and this Request Tracker. Keep it, and keep it privileged.',
            Privileged => 1,
        );
        fail("cannot make the user 'ticketroom': $message") unless $id;
    }
    return $user;
}

sub group {
    my $group = RT::Group->new($RT::SystemUser);
    $group->LoadSystemInternalGroup(shift);
    return $group;
}

sub grant {
    my ( $to, $right, $object ) = @_;
    my $principal = $to->PrincipalObj;
    my $ace       = RT::ACE->new($RT::SystemUser);
    $ace->LoadByValues(
        PrincipalType => $to->isa('RT::User') ? 'User' : 'Group',
        PrincipalId   => $principal->id,
        RightName     => $right,
        Object        => $object
    );
    # A user's own rights hang on a group of their own, so the look-up above may miss them.
    return if $ace->id || $principal->HasRight( Right => $right, Object => $object );
    my ( $ok, $message ) = $principal->GrantRight( Right => $right, Object => $object );
    fail("cannot grant $right: $message") unless $ok;
}

sub field {
    my ( $name, $type, $description, $readers, $writers ) = @_;
    my $field = RT::CustomField->new($RT::SystemUser);
    $field->LoadByCols( Name => $name, LookupType => $type );
    if ( $field->id ) {
        $field->SetDescription($description) if ( $field->Description // '' ) ne $description;
        $field->SetDisabled(0) if $field->Disabled;
    }
    else {
        my ( $id, $message ) = $field->Create(
            Name        => $name,
            Type        => 'FreeformSingle',
            LookupType  => $type,
            Description => $description,
        );
        fail("cannot make the custom field '$name' ($type): $message") unless $id;
    }
    my $everywhere = $type eq 'RT::User' ? RT::User->new($RT::SystemUser) : RT::Queue->new($RT::SystemUser);
    unless ( $field->IsAdded(0) ) {
        my ( $ok, $message ) = $field->AddToObject($everywhere);
        fail("cannot apply the custom field '$name' everywhere: $message") unless $ok;
    }
    grant( $_, 'SeeCustomField',    $field ) for @$readers;
    grant( $_, 'ModifyCustomField', $field ) for @$writers;
    return $field;
}

# The text of an article is a custom field, which has rights of its own.
sub articles {
    my $user   = shift;
    my $fields = RT::CustomFields->new($RT::SystemUser);
    $fields->Limit( FIELD => 'LookupType', VALUE => 'RT::Class-RT::Article' );
    while ( my $field = $fields->Next ) { grant( $user, 'SeeCustomField', $field ) }
}

# Both stand in Perl code from here on: nothing but what an address and a token consist of.
sub hints {
    my ( $url, $path ) = @_;
    fail('TICKETROOM_HINT_URL is no address: give it as appservice.address of the bridge, without a slash at the end')
        unless $url =~ m{\Ahttps?://[A-Za-z0-9.:\[\]-]+\z};
    fail('TICKETROOM_HINT_TOKEN_FILE is missing: the file that holds helpdesk.hint_token') unless defined $path;
    open my $file, '<', $path or fail("cannot read $path: $!");
    my $token = <$file> // '';
    close $file;
    $token =~ s/\s+\z//;
    fail("the token in $path is no token of letters, digits and -._~+/=") unless $token =~ m{\A[A-Za-z0-9._~+/=-]{16,}\z};
    scrip( $HINTS, 'TransactionBatch', $HINT_CONDITION, 'return 1;', sprintf $HINT_COMMIT, $url, $token );
}

sub scrip {
    my ( $description, $stage, $condition, $prepare, $commit ) = @_;
    my $scrip = RT::Scrip->new($RT::SystemUser);
    $scrip->LoadByCols( Description => $description );
    my %code = (
        CustomIsApplicableCode => $condition,
        CustomPrepareCode      => $prepare,
        CustomCommitCode       => $commit,
    );
    if ( $scrip->id ) {
        for my $part ( sort keys %code ) {
            next if ( $scrip->$part // '' ) eq $code{$part};
            my $set = "Set$part";
            my ( $ok, $message ) = $scrip->$set( $code{$part} );
            fail("cannot bring the Scrip up to date: $message") unless $ok;
        }
        $scrip->SetDisabled(0) if $scrip->Disabled;
    }
    else {
        my ( $id, $message ) = $scrip->Create(
            Description    => $description,
            ScripCondition => 'User Defined',
            ScripAction    => 'User Defined',
            Template       => 'Blank',
            Stage          => $stage,
            Queue          => 0,
            %code,
        );
        fail("cannot make the Scrip: $message") unless $id;
    }
    return $scrip;
}

# RT runs Scrips by ascending order: ours must come before mails are made and tickets are reopened.
sub first {
    my $scrip = shift;
    my $first = RT::ObjectScrips->new($RT::SystemUser);
    $first->UnLimit;
    my ( $lowest, $mine ) = (0);
    while ( my $applied = $first->Next ) {
        if ( $applied->Scrip == $scrip->id ) { $mine = $applied; next }
        $lowest = $applied->SortOrder if $applied->SortOrder < $lowest;
    }
    fail('the Scrip is not applied globally') unless $mine;
    if ( $mine->SortOrder >= $lowest ) {
        my ( $ok, $message ) = $mine->__Set( Field => 'SortOrder', Value => $lowest - 1 );
        fail("cannot move the Scrip to the front: $message") unless $ok;
    }
}

sub token {
    my $user   = shift;
    my $tokens = RT::AuthTokens->new($RT::SystemUser);
    $tokens->Limit( FIELD => 'Owner', VALUE => $user->id );
    if ( $tokens->Count && !$ENV{TICKETROOM_NEW_TOKEN} ) {
        print "Ticketroom: the bridge has a token already; TICKETROOM_NEW_TOKEN=1 makes another one.\n";
        return;
    }
    my ( $id, $message, $token )
        = RT::AuthToken->new($RT::SystemUser)->Create( Owner => $user->id, Description => 'Ticketroom' );
    fail("cannot make a token: $message") unless $id;
    my $path = $ENV{TICKETROOM_TOKEN_FILE};
    unless ( defined $path ) {
        print "Ticketroom: helpdesk.request_tracker.token is $token\n";
        return;
    }
    my $mask = umask 077;
    open my $file, '>', $path or fail("cannot write $path: $!");
    umask $mask;
    print {$file} "$token\n";
    close $file or fail("cannot write $path: $!");
}

package RT::Handle;

1;
