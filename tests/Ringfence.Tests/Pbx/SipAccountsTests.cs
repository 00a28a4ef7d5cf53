using Ringfence.Core.Pbx;
using Xunit;

namespace Ringfence.Tests.Pbx;

public sealed class SipAccountsTests
{
    [Fact]
    public void Users_of_credentials_endpoints_and_wizards_are_accounts_and_nothing_else_is()
    {
        var files = new MemoryFiles()
            .With("/etc/asterisk/pjsip.conf", """
                [transport-udp]
                type=transport
                [phone](!)
                type=endpoint
                [1001](phone)
                [1001-auth]
                type=auth
                username=alice
                password=not-a-real-password
                [1001]
                type=aor
                """)
            .With("/etc/asterisk/pjsip_wizard.conf", """
                [1002]
                type=wizard
                inbound_auth/username=bob
                """);

        Assert.Equal(["1001", "1002", "alice", "bob"], SipAccounts.Read("/etc/asterisk", files).Order(StringComparer.Ordinal));
    }
}
