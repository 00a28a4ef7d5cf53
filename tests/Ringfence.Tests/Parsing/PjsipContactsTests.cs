using System.Text;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Xunit;

namespace Ringfence.Tests.Parsing;

public sealed class PjsipContactsTests
{
    // Asterisk 22.10.1: 1001 from 127.0.0.5 lied in Via and Contact; 2001 from 127.0.0.7 lied in Contact, its endpoint has rewrite_contact=yes.
    internal const string Sample = """
        /registrar/contact/1001;@4cd4f2890066a12cb2ff7438d67f136d: {"via_addr":"198.51.100.1","qualify_timeout":"3.000000","qualify_2xx_only":"false","call_id":"b40eb9e2","reg_server":"","prune_on_boot":"no","path":"","endpoint":"1001","via_port":"5060","authenticate_qualify":"no","uri":"sip:1001@203.0.113.77:5060","qualify_frequency":"0","user_agent":"","expiration_time":"1795225717","outbound_proxy":""}
        /registrar/contact/2001;@219b11621b5e45d2440ce437b887b264: {"via_addr":"127.0.0.7","qualify_timeout":"3.000000","qualify_2xx_only":"false","call_id":"79e1bcb4","reg_server":"","prune_on_boot":"no","path":"","endpoint":"2001","via_port":"54688","authenticate_qualify":"no","uri":"sip:2001@127.0.0.7:54688;x-ast-orig-host=203.0.113.88:5060","qualify_frequency":"0","user_agent":"","expiration_time":"1795225717","outbound_proxy":""}
        2 results found.

        """;

    [Fact]
    public void A_contact_is_read_with_its_account_call_hosts_and_end()
    {
        var contacts = PjsipContacts.Parse(Encoding.UTF8.GetBytes(Sample));

        var until = DateTimeOffset.FromUnixTimeSeconds(1_795_225_717);
        Assert.Equal(
            [
                new RegisteredContact("1001", "b40eb9e2", Address.Parse("203.0.113.77"), Address.Parse("198.51.100.1"), until),
                new RegisteredContact("2001", "79e1bcb4", Address.Parse("127.0.0.7"), Address.Parse("127.0.0.7"), until),
            ],
            contacts);
    }

    [Theory]
    [InlineData("sip:1001@phone.example.com", null)]
    [InlineData("sip:1001@[2001:db8::7]:5060", "2001:db8::7")]
    [InlineData("sip:a@192.0.2.1@192.0.2.2", null)]
    [InlineData("sip:1001@192.0.2.0/24", null)]
    [InlineData("sip:1001@192.0.2.1\\n/registrar/contact/x: {}", null)]
    public void Only_a_plain_address_is_a_host(string uri, string? host)
    {
        var contact = Assert.Single(PjsipContacts.Parse(Encoding.UTF8.GetBytes($$"""/registrar/contact/1;@2: {"endpoint":"1","uri":"{{uri}}","expiration_time":"1795225717"}""")));

        Assert.Equal(host, contact.UriHost?.ToString());
    }

    [Theory]
    [InlineData("/registrar/contact/1;@2: {")]
    [InlineData("/registrar/contact/1;@2: {}")]
    [InlineData("/registrar/contact/1;@2: {\"endpoint\":\"1\",\"expiration_time\":\"-1\"}")]
    [InlineData("/registrar/contact/1;@2: {\"endpoint\":\"1\",\"expiration_time\":\"99999999999999\"}")]
    [InlineData("/registrar/contact/1;@2: {\"endpoint\":[\"1\"],\"expiration_time\":\"1\"}")]
    [InlineData("/registrar/contact/1;@2: {\"a\":{\"endpoint\":\"1\",\"expiration_time\":\"1\"}}")]
    [InlineData("/SIP/Registry/1: {\"endpoint\":\"1\",\"expiration_time\":\"1\"}")]
    [InlineData("Unable to connect to remote asterisk (does /var/run/asterisk/asterisk.ctl exist?)")]
    public void Anything_else_is_no_contact(string line) => Assert.Empty(PjsipContacts.Parse(Encoding.UTF8.GetBytes(line)));

    [Fact]
    public void Broken_output_is_read_without_an_exception()
    {
        var random = new Random(9);
        var sample = Encoding.UTF8.GetBytes(Sample);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = sample.ToArray();
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            Assert.InRange(PjsipContacts.Parse(bytes.AsSpan(0, random.Next(bytes.Length))).Count, 0, 3);
        }
    }
}
