using Ringfence.Core.Catalogue;
using Xunit;

namespace Ringfence.Tests.Catalogue;

/// <summary>Each was asked of a real Asterisk 22.10.1 (DifferentialOptionTests does it again for hundreds).</summary>
public sealed class OptionValueTests
{
    private static readonly OptionCatalogue Newest = OptionCatalogue.Of(22);

    [Theory]
    [InlineData("endpoint", "100rel", "required")]
    [InlineData("endpoint", "100rel", "TRUE")]
    [InlineData("endpoint", "timers_min_se", "0x5a")]
    [InlineData("endpoint", "timers_min_se", " 90")]
    [InlineData("endpoint", "allow", "!all,ulaw,alaw:20")]
    [InlineData("endpoint", "allow", "ULAW|opus")]
    [InlineData("endpoint", "permit", "10.0.0.0/8,!10.1.0.0/255.255.0.0,2001:db8::/32")]
    [InlineData("endpoint", "acl", "office")]
    [InlineData("endpoint", "tos_audio", "EF")]
    [InlineData("endpoint", "tos_audio", "184")]
    [InlineData("endpoint", "identify_by", "username, ip")]
    [InlineData("endpoint", "from_user", "+49123")]
    [InlineData("endpoint", "set_var", "A=")]
    [InlineData("transport", "method", "")]
    [InlineData("aor", "qualify_timeout", "1e1")]
    [InlineData("aor", "contact", "sip:100@192.0.2.1, sips:b")]
    [InlineData("endpoint", "permit", "")]
    [InlineData("endpoint", "permit", "10.1")]
    [InlineData("endpoint", "permit", "fe80::1%lo,[2001:db8::1],10.0.0.0/24x")]
    [InlineData("endpoint", "callerid_privacy", "prohib")]
    [InlineData("endpoint", "identify_by", "")]
    public void What_Asterisk_takes_is_no_fault(string kind, string option, string value)
    {
        Assert.Null(Judge(kind, option, value));
    }

    [Theory]
    [InlineData("endpoint", "100rel", "maybe")]
    [InlineData("endpoint", "timers_min_se", "-1")]
    [InlineData("endpoint", "timers_min_se", "")]
    [InlineData("endpoint", "timers_min_se", "90s")]
    [InlineData("endpoint", "timers_min_se", "4294967296")]
    [InlineData("endpoint", "rtp_port_start", "70000")]
    [InlineData("aor", "max_contacts", "08")]
    [InlineData("endpoint", "allow", "G.711")]
    [InlineData("endpoint", "allow", "ulaw,")]
    [InlineData("endpoint", "allow", "ulaw&alaw")]
    [InlineData("endpoint", "permit", "pbx.example.com")]
    [InlineData("endpoint", "permit", "10.0.0.0/33")]
    [InlineData("endpoint", "permit", "10.0.0.0/8,")]
    [InlineData("endpoint", "permit", "10.0.0.0/8, 192.168.0.0/16")]
    [InlineData("endpoint", "permit", "10.0.0.1:5060")]
    [InlineData("endpoint", "permit", "10.0.0.256")]
    [InlineData("endpoint", "permit", "10.0.0.0/")]
    [InlineData("endpoint", "acl", "office,office")]
    [InlineData("acl", "permit", "")]
    [InlineData("aor", "contact", "100@192.0.2.1")]
    [InlineData("endpoint", "deny", "all")]
    [InlineData("endpoint", "dtmf_mode", "rfc2833")]
    [InlineData("endpoint", "t38_udptl_ec", "FEC")]
    [InlineData("endpoint", "tos_audio", "lowdelay")]
    [InlineData("endpoint", "from_user", "a@b")]
    [InlineData("endpoint", "set_var", "A")]
    [InlineData("transport", "method", "tls")]
    [InlineData("transport", "protocol", "sips")]
    public void What_Asterisk_refuses_is_refused(string kind, string option, string value)
    {
        Assert.Equal(ValueOutcome.Refused, Judge(kind, option, value)?.Outcome);
    }

    [Fact]
    public void A_word_that_is_neither_yes_nor_no_is_taken_for_no()
    {
        Assert.Equal(ValueOutcome.Misread, Judge("endpoint", "direct_media", "enabled")?.Outcome);
        Assert.Null(Judge("endpoint", "direct_media", "on"));
    }

    [Fact]
    public void No_value_makes_the_judge_throw()
    {
        var seeded = new Random(20261122);
        var alphabet = "0123456789abcxX.,:;/!-+ ()|%[]\u0000\u00ff\ud800=";
        var options = Newest.Objects("pjsip.conf").SelectMany(kind => kind.Options).ToList();
        for (var i = 0; i < 20_000; i++)
        {
            var value = string.Concat(Enumerable.Range(0, seeded.Next(24)).Select(_ => alphabet[seeded.Next(alphabet.Length)]));
            OptionValue.Judge(options[seeded.Next(options.Count)], value, Newest);
        }

        Assert.NotEmpty(options);
    }

    private static ValueFault? Judge(string kind, string option, string value) => OptionValue.Judge(Newest.Find("pjsip.conf", kind)!.Find(option)!, value, Newest);
}
