# People, queues and tokens for the demo and the tests; never for a Request Tracker that is in use.
# Tokens are appended to the file that TICKETROOM_DEMO_TOKENS names, as NAME_TOKEN=….

use strict;
use warnings;

our @Final = ( sub { Ticketroom::Demo->run } );

package Ticketroom::Demo;

sub fail { my $what = shift; print STDERR "Ticketroom demo: $what\n"; die "$what\n" }

sub run {
    open my $tokens, '>>', $ENV{TICKETROOM_DEMO_TOKENS} or fail("cannot write the tokens: $!");
    queue('Pumps');
    articles();
    my $agents = RT::Group->new($RT::SystemUser);
    $agents->LoadUserDefinedGroup('Agents');
    $agents->CreateUserDefinedGroup( Name => 'Agents', Description => 'Those who answer' ) unless $agents->id;
    my @rights = qw(SeeQueue ShowTicket ShowTicketComments CreateTicket ReplyToTicket CommentOnTicket OwnTicket
        TakeTicket StealTicket ModifyTicket ManageAuthTokens ModifySelf Watch WatchAsAdminCc SeeGroup);
    for my $right (@rights) {
        my ( $ok, $message ) = $agents->PrincipalObj->GrantRight( Right => $right, Object => $RT::System );
        fail("cannot grant $right: $message") unless $ok || $message =~ /already/;
    }
    for my $login ( [ anna => 'Anna Agent' ], [ bert => 'Bert Berger' ] ) {
        my $user = person( @$login, Privileged => 1, EmailAddress => "$login->[0]\@desk.example.org",
            Password => "$login->[0]-demo" );
        $agents->AddMember( $user->PrincipalId ) unless $agents->HasMember( $user->PrincipalId );
        token( $tokens, uc $login->[0], $user );
    }
    # An ordinary customer of the mail gateway: unprivileged, and rights only on own tickets.
    my $carla = person(
        'carla@example.org' => 'Carla Customer',
        Privileged => 0, EmailAddress => 'carla@example.org', Password => 'carla-demo'
    );
    my $requestors = RT::Group->new($RT::SystemUser);
    $requestors->LoadRoleGroup( Object => $RT::System, Name => 'Requestor' );
    $requestors->PrincipalObj->GrantRight( Right => $_, Object => $RT::System ) for qw(ShowTicket ReplyToTicket);
    my $everyone = RT::Group->new($RT::SystemUser);
    $everyone->LoadSystemInternalGroup('Everyone');
    $everyone->PrincipalObj->GrantRight( Right => $_, Object => $RT::System ) for qw(CreateTicket SeeQueue);
    token( $tokens, 'CARLA', $carla );
    my $root = RT::User->new($RT::SystemUser);
    $root->Load('root');
    token( $tokens, 'ROOT', $root );
    close $tokens or fail("cannot write the tokens: $!");
}

# A knowledge base to link to, and building blocks.
sub articles {
    my $content = RT::CustomField->new($RT::SystemUser);
    $content->LoadByCols( Name => 'Content', LookupType => 'RT::Class-RT::Article' );
    $content->Create( Name => 'Content', Type => 'Text', LookupType => 'RT::Class-RT::Article', MaxValues => 1 )
        unless $content->id;
    $content->AddToObject( RT::Class->new($RT::SystemUser) ) unless $content->IsAdded(0);
    my $language = RT::CustomField->new($RT::SystemUser);
    $language->Create( Name => 'Language', Type => 'FreeformSingle', LookupType => 'RT::Class-RT::Article' );
    $language->AddToObject( RT::Class->new($RT::SystemUser) );
    my $queues = RT::CustomField->new($RT::SystemUser);
    $queues->Create( Name => 'Queues', Type => 'FreeformMultiple', LookupType => 'RT::Class-RT::Article' );
    $queues->AddToObject( RT::Class->new($RT::SystemUser) );
    # The bridge's seed ran before these two were there.
    my $bridge = RT::User->new($RT::SystemUser);
    $bridge->Load('ticketroom');
    $bridge->PrincipalObj->GrantRight( Right => 'SeeCustomField', Object => $_ ) for $language, $queues;
    my $blocks = RT::Class->new($RT::SystemUser);
    $blocks->Create( Name => 'Building blocks', Description => 'Canned replies' );
    # Article's class, name, text, language, queue.
    for my $article (
        [ 'General', 'How to change the seal', 'Turn the water off, then take the old seal out.' ],
        [ 'General', 'How to bleed a pump',    'Open the screw at the top until water comes.' ],
        [ 'Building blocks', 'Greeting',
            "Hello {{customer.name}},\n\nthis is **{{agent.first_name}}** about ticket {{ticket.number}}.", 'en' ],
        [ 'Building blocks', 'Greeting',
            "Guten Tag {{customer.name}},\n\nhier ist **{{agent.first_name}}** zu Ticket {{ticket.number}}.", 'de' ],
        [ 'Building blocks', 'Pump recall', 'Your pump {{device.serial}} is recalled.', undef, 'Pumps' ],
        )
    {
        my ( $class, $name, $text, $code, $queue ) = @$article;
        my ( $id, $message ) = RT::Article->new($RT::SystemUser)->Create(
            Class => $class, Name => defined $code && $code ne 'en' ? "$name ($code)" : $name,
            'CustomField-' . $content->id => $text,
            defined $code  ? ( 'CustomField-' . $language->id => $code )  : (),
            defined $queue ? ( 'CustomField-' . $queues->id   => $queue ) : (),
        );
        fail("cannot make the article: $message") unless $id;
    }
}

sub queue {
    my $queue = RT::Queue->new($RT::SystemUser);
    $queue->Load( $_[0] );
    return if $queue->id;
    my ( $id, $message ) = $queue->Create( Name => $_[0] );
    fail("cannot make the queue: $message") unless $id;
}

sub person {
    my ( $login, $name, %more ) = @_;
    my $user = RT::User->new($RT::SystemUser);
    $user->Load($login);
    return $user if $user->id;
    my ( $id, $message ) = $user->Create( Name => $login, RealName => $name, %more );
    fail("cannot make the user: $message") unless $id;
    return $user;
}

sub token {
    my ( $file, $name, $user ) = @_;
    my ( $id, $message, $token )
        = RT::AuthToken->new($RT::SystemUser)->Create( Owner => $user->id, Description => 'Ticketroom demo' );
    fail("cannot make a token: $message") unless $id;
    print {$file} "${name}_TOKEN=$token\n";
}

package RT::Handle;

1;
