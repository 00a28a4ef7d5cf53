using System.Text;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Ringfence.Tests.Parsing;
using Ringfence.Tests.Pbx;
using Xunit;

namespace Ringfence.Tests.Decisions;

public sealed class ContactTrustTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_795_225_000);
    private static readonly HashSet<string> Nobody = [];

    [Fact]
    public void A_lie_in_Contact_and_Via_makes_nobody_trusted_and_a_rewritten_contact_is_the_truth()
    {
        var contacts = PjsipContacts.Parse(Encoding.UTF8.GetBytes(PjsipContactsTests.Sample));

        var entries = ContactTrust.Entries(contacts, Now, new HashSet<string> { "2001" }, _ => null);

        Assert.Equal([new TrustEntry(Network.Parse("127.0.0.7")!.Value, "registered contact of 2001", TrustSource.Contact)], entries);
    }

    [Fact]
    public void The_source_of_the_login_counts_more_than_what_the_phone_says()
    {
        var contact = Contact("1001", "203.0.113.77", "203.0.113.77");

        var entry = Assert.Single(ContactTrust.Entries([contact], Now, Nobody, seen => seen.CallId == "call" ? Address.Parse("198.51.100.5") : null));

        Assert.Equal("198.51.100.5", entry.Network.ToString());
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    [InlineData("192.0.2.7", null, false)]
    [InlineData("0.0.0.0", "0.0.0.0", false)]
    [InlineData("224.0.0.1", "224.0.0.1", false)]
    [InlineData("255.255.255.255", "255.255.255.255", false)]
    [InlineData("::", "::", false)]
    [InlineData("ff02::1", "ff02::1", false)]
    [InlineData("2001:db8::7", "2001:db8::7", true)]
    [InlineData(null, null, false)]
    public void What_the_phone_says_counts_only_where_it_agrees_with_itself_and_is_one_host(string? uri, string? via, bool trusted) =>
        Assert.Equal(trusted, ContactTrust.Entries([Contact("1001", uri, via)], Now, Nobody, _ => null).Count == 1);

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    public void What_the_phone_alone_says_is_marked_as_hearsay(bool isRewritten, bool wasSeenToLogIn, bool isHearsay)
    {
        var contact = Contact("1001", "192.0.2.7", "192.0.2.7");

        var entry = Assert.Single(ContactTrust.Entries([contact], Now, isRewritten ? ["1001"] : Nobody, _ => wasSeenToLogIn ? Address.Parse("192.0.2.7") : null));

        Assert.Equal(isHearsay, entry.IsHearsay);
    }

    [Theory]
    [InlineData("seen", "unseen")]
    [InlineData("unseen", "seen")]
    public void One_contact_that_was_seen_to_log_in_is_enough_for_its_address(string first, string second)
    {
        RegisteredContact[] contacts = [Contact("1001", "192.0.2.7", "192.0.2.7") with { CallId = first }, Contact("1001", "192.0.2.7", "192.0.2.7") with { CallId = second }];

        var entry = Assert.Single(ContactTrust.Entries(contacts, Now, Nobody, contact => contact.CallId == "seen" ? Address.Parse("192.0.2.7") : null));

        Assert.False(entry.IsHearsay);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void A_contact_where_a_guessers_own_login_came_from_counts_only_by_a_login_that_was_seen(bool wasSeenToLogIn, bool counts)
    {
        var entries = ContactTrust.Entries(
            [Contact("1001", "192.0.2.7", "192.0.2.9")], Now, new HashSet<string> { "1001" }, _ => wasSeenToLogIn ? Address.Parse("192.0.2.7") : null, address => address == Address.Parse("192.0.2.7"));

        Assert.Equal(counts, entries.Count == 1);
    }

    [Fact]
    public void An_expired_contact_counts_no_more() =>
        Assert.Empty(ContactTrust.Entries([Contact("1001", "192.0.2.7", "192.0.2.7") with { Expires = Now }], Now, Nobody, _ => null));

    [Fact]
    public void One_password_spares_few_addresses_and_each_entry_is_a_single_address()
    {
        var contacts = Enumerable.Range(1, 200).Select(i => Contact("1001", $"192.0.2.{i}", $"192.0.2.{i}")).Append(Contact("1002", "2001:db8::1", "2001:db8::1"));

        var entries = ContactTrust.Entries(contacts, Now, Nobody, _ => null);

        Assert.Equal(ContactTrust.MaxPerEndpoint + 1, entries.Count);
        Assert.All(entries, entry => Assert.Equal(entry.Network.IsIPv4 ? 32 : 128, entry.Network.PrefixLength));
    }

    [Fact]
    public void The_endpoints_with_rewritten_contacts_are_found_through_templates()
    {
        var files = new MemoryFiles()
            .With("/c/pjsip.conf", "[phone](!)\ntype=endpoint\nrewrite_contact=yes\n[1001](phone)\n[1002](phone)\nrewrite_contact=no\n[1001]\ntype=aor\n")
            .With("/c/pjsip_wizard.conf", "[1003]\ntype=wizard\nendpoint/rewrite_contact=yes\n");

        Assert.Equal(["1001", "1003"], ContactTrust.RewrittenContacts("/c", files).Order());
    }

    private static RegisteredContact Contact(string endpoint, string? uri, string? via) =>
        new(endpoint, "call", uri is null ? null : Address.Parse(uri), via is null ? null : Address.Parse(via), Now.AddMinutes(5));
}
