using System.Text;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Ringfence.Core.Sip;
using Ringfence.Tests.Parsing;
using Xunit;

namespace Ringfence.Tests.Sip;

/// <summary>Who registered from where and until when, by what the PBX answered.</summary>
public sealed class RegistrationTests
{
    private static readonly Endpoint Pbx = new(Address.Parse("192.0.2.1")!.Value, 5060);
    private static readonly Endpoint Phone = new(Address.Parse("198.51.100.7")!.Value, 40_000);

    [Theory]
    [InlineData("<sip:1001@10.0.0.7:5060;ob>", "Contact: <sip:1001@10.0.0.7:5060;ob>;expires=120\r\n", "sip:1001@10.0.0.7:5060;ob", 120L)]
    [InlineData("\"a, b\" <sip:1001@10.0.0.7>;expires=60", "m: <sip:x@10.0.0.8>;expires=9, <sip:1001@10.0.0.7>;expires=59\r\n", "sip:1001@10.0.0.7", 59L)]
    [InlineData("<sip:1001@10.0.0.7>", "Contact: <sip:x@10.0.0.8>;expires=9\r\nContact: <sip:1001@198.51.100.7:40000>;expires=61\r\n", "sip:1001@198.51.100.7:40000", 61L)]
    [InlineData("<sip:1001@10.0.0.7>", "Contact: <sip:1001@10.0.0.99>\r\nExpires: 300\r\n", "sip:1001@10.0.0.99", 300L)]
    [InlineData("sip:1001@10.0.0.7;expires=60", "Contact: <sip:1001@10.0.0.7>;expires=60\r\n", "sip:1001@10.0.0.7", 60L)]
    [InlineData("<sip:1001@10.0.0.7>", "Contact: <sip:x@10.0.0.8>;expires=9, <sip:y@10.0.0.9>;expires=9\r\n", "", null)]
    [InlineData("<sip:1001@10.0.0.7>;expires=0", "Contact: <sip:x@10.0.0.8>;expires=9\r\n", "", 0L)]
    [InlineData("*", "", "", 0L)]
    public void A_registration_has_the_contact_and_the_time_that_the_PBX_granted(string asked, string granted, string contact, long? expires)
    {
        var office = new Office().Register("n1", asked, granted);

        Assert.Equal((contact, expires), office.Granted.Single());
    }

    [Fact]
    public void A_call_and_a_question_without_a_contact_are_no_registration()
    {
        var office = new Office().Register("n1", null, "Contact: <sip:x@198.51.100.7>;expires=9\r\n").Register("n2", "<sip:1001@198.51.100.7>", "Contact: <sip:1001@198.51.100.7>\r\n", "INVITE");

        Assert.Equal([("", null), ("", null)], office.Granted);
        Assert.Empty(office.Trusted(0));
    }

    [Fact]
    public void A_phone_is_trusted_as_long_as_its_registration_lasts()
    {
        var office = new Office().Register("n1", "<sip:1001@10.0.0.7>", "Contact: <sip:1001@10.0.0.7>;expires=120\r\n");

        Assert.Equal(["198.51.100.7"], office.Trusted(119));
        Assert.Empty(office.Trusted(121));

        office.Register("n2", "<sip:1001@10.0.0.7>;expires=0", "");
        Assert.Empty(office.Trusted(1));
    }

    [Fact]
    public void A_login_whose_address_nothing_proves_makes_nobody_trusted()
    {
        // The same nonce went to another address too: a forger has it (maddr).
        var office = new Office().Challenge("n1", new Endpoint(Address.Parse("203.0.113.9")!.Value, 5060)).Register("n1", "<sip:1001@10.0.0.7>", "Contact: <sip:1001@10.0.0.7>;expires=120\r\n");

        Assert.Single(office.Granted);
        Assert.Empty(office.Trusted(1));
    }

    [Fact]
    public void One_account_makes_few_addresses_trusted_and_all_accounts_together_a_bounded_number()
    {
        var live = new LiveRegistrations();
        for (var i = 0; i < 9; i++)
        {
            Add(live, "1001", $"203.0.113.{i}", 100 + i);
        }

        Assert.Equal(["203.0.113.5", "203.0.113.6", "203.0.113.7", "203.0.113.8"], live.Entries(default(DateTimeOffset).AddSeconds(1)).Select(entry => entry.Network.ToString()).Order(StringComparer.Ordinal));
        for (var i = 0; i < 2 * LiveRegistrations.Capacity; i++)
        {
            Add(live, $"a{i}", "198.51.100.1", 50);
        }

        Assert.Equal(LiveRegistrations.Capacity + 3, live.Entries(default(DateTimeOffset).AddSeconds(1)).Count);
    }

    [Fact]
    public void No_contact_throws()
    {
        var random = new Random(20_261_128);
        byte[][] samples = [.. ((string[])["<sip:1001@10.0.0.7:5060;ob>;expires=60, <sip:[2001:db8::1]>;expires=9", "\"a\" <sips:x@y;z?h=1>", "sip:1@2;expires=5", "*"]).Select(Encoding.Latin1.GetBytes)];
        var found = 0;
        for (var input = 0; input < 60_000; input++)
        {
            var bytes = DoorSampleTests.Mutated(random, samples);
            ReadOnlySpan<byte> rest = bytes;
            var taken = 0;
            while (Binding.Next(ref rest) is { Uri.IsEmpty: false } binding)
            {
                Assert.InRange(++taken, 1, bytes.Length);
                found += binding.Host is null ? 0 : 1;
            }
        }

        Assert.True(found > 10_000, $"{found} found");
    }

    private static void Add(LiveRegistrations live, string account, string source, long expires) => live.See(new PbxEvent
    {
        Kind = EventKind.LoginSucceeded,
        Origin = Origin.Sip,
        Service = Service.Pjsip,
        Proof = Proof.Proven,
        Source = Address.Parse(source)!.Value,
        Detail = Encoding.ASCII.GetBytes(account),
        Expires = expires,
    });

    private sealed class Office : IEventSink
    {
        private readonly SipExchanges _exchanges = new(7, address => address == Pbx.Address);
        private readonly LiveRegistrations _live = new();
        private long _ticks = new DateTime(2026, 11, 20, 12, 0, 0, DateTimeKind.Utc).Ticks;
        private int _call;

        public List<(string Contact, long? Expires)> Granted { get; } = [];

        public Office Challenge(string nonce, Endpoint to)
        {
            var call = ++_call;
            See(Text("REGISTER sip:192.0.2.1 SIP/2.0", call, 1, "REGISTER", ""), to, Pbx);
            return See(Text("SIP/2.0 401 Unauthorized", call, 1, "REGISTER", $"WWW-Authenticate: Digest realm=\"asterisk\",nonce=\"{nonce}\"\r\n"), Pbx, to);
        }

        public Office Register(string nonce, string? contact, string granted, string method = "REGISTER")
        {
            Challenge(nonce, Phone);
            var contacts = contact is null ? "" : $"Contact: {contact}\r\n";
            See(Text($"{method} sip:192.0.2.1 SIP/2.0", _call, 2, method, $"Authorization: Digest username=\"1001\",nonce=\"{nonce}\",response=\"0\"\r\n{contacts}"), Phone, Pbx);
            return See(Text("SIP/2.0 200 OK", _call, 2, method, granted), Pbx, Phone);
        }

        public IEnumerable<string> Trusted(int afterSeconds) =>
            _live.Entries(new DateTimeOffset(_ticks, TimeSpan.Zero).AddSeconds(afterSeconds)).Select(entry => entry.Network.ToString());

        private static string Text(string start, int call, int sequence, string method, string headers) =>
            $"{start}\r\nVia: SIP/2.0/UDP 10.0.0.7;branch=z9hG4bK-{call}-{sequence}\r\nFrom: <sip:1001@192.0.2.1>;tag=1\r\nTo: <sip:1001@192.0.2.1>\r\nCall-ID: {call}\r\nCSeq: {sequence} {method}\r\n{headers}Content-Length: 0\r\n\r\n";

        private Office See(string message, Endpoint from, Endpoint to)
        {
            var self = this;
            _exchanges.See(Encoding.Latin1.GetBytes(message), from, to, Transport.Udp, _ticks += 10, 1, ref self);
            return this;
        }

        void IEventSink.See(in PbxEvent seen)
        {
            if (seen.Kind == EventKind.LoginSucceeded)
            {
                Granted.Add((Encoding.Latin1.GetString(seen.Contact), seen.Expires));
                _live.See(seen);
            }
        }

        void IEventSink.Unmatched(ReadOnlySpan<byte> line, long lineNumber)
        {
        }
    }
}
