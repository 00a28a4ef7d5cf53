using Ringfence.Core.Numbers;
using Xunit;

namespace Ringfence.Tests.Numbers;

public sealed class DiallingRulesTests
{
    [Theory]

    // A site in San Francisco that dials 9 for an outside line.
    [InlineData("US", "9", "415", "5551234", "+14155551234")]
    [InlineData("US", "9", "415", "95551234", "+14155551234")]
    [InlineData("US", "9", "415", "9005551234", "+19005551234")]
    [InlineData("US", "9", "415", "19005551234", "+19005551234")]
    [InlineData("US", "9", "415", "919005551234", "+19005551234")]
    [InlineData("US", "9", "415", "8765551234", "+18765551234")]
    [InlineData("US", "9", "415", "18765551234", "+18765551234")]
    [InlineData("US", "9", "415", "901123276123456", "+23276123456")]
    [InlineData("US", "9", "415", "01123276123456", "+23276123456")]
    [InlineData("US", "9", "415", "+23276123456", "+23276123456")]
    [InlineData("US", "9", "415", "0023276123456", "+23276123456")]
    [InlineData("US", "9", "415", "+1 (900) 555-1234", "+19005551234")]

    // Germany, 0 for an outside line.
    [InlineData("DE", "0", "30", "00301234567", "+49301234567")]
    [InlineData("DE", "0", "30", "0301234567", "+49301234567")]
    [InlineData("DE", "0", "30", "0023276123456", "+23276123456")]
    [InlineData("DE", "0", "30", "00023276123456", "+23276123456")]
    [InlineData("DE", "0", "", "009001234567", "+499001234567")]
    [InlineData("GB", "9", "20", "909098790000", "+449098790000")]
    [InlineData("GB", "", "20", "09098790000", "+449098790000")]

    // What is dialled in Paris for Réunion, Mayotte, Saint-Pierre, Guadeloupe, Guiana and Martinique.
    [InlineData("FR", "0", "", "00692123456", "+262692123456")]
    [InlineData("FR", "", "", "0262161234", "+262262161234")]
    [InlineData("FR", "", "", "0269612345", "+262269612345")]
    [InlineData("FR", "", "", "0508411234", "+508411234")]
    [InlineData("FR", "", "", "0590201234", "+590590201234")]
    [InlineData("FR", "", "", "0694201234", "+594694201234")]
    [InlineData("FR", "", "", "0596301234", "+596596301234")]
    [InlineData("FR", "", "", "0261123456", "+33261123456")]

    // Sydney, and with the country's own 0011 the Faroe Islands; Turin's 683 4000, and with the country's own 00 Niue.
    [InlineData("AU", "0", "2", "00298765432", "+61298765432")]
    [InlineData("AU", "0", "2", "00299765432", "+61299765432")]
    [InlineData("AU", "0", "2", "00011298203456", "+298203456")]
    [InlineData("AU", "0", "2", "0011298203456", "+298203456")]
    [InlineData("IT", "", "", "0116834000", "+390116834000")]
    [InlineData("IT", "", "", "006834000", "+6834000")]
    [InlineData("FR", "", "", "0899701234", "+33899701234")]
    [InlineData("IT", "", "", "0612345678", "+390612345678")]
    [InlineData("FR", "", "", "881612345678", "+33881612345678")]
    [InlineData("FR", "", "", "+881612345678", "+881612345678")]
    public void What_is_dialled_is_a_number_of_the_world(string home, string outside, string area, string dialled, string number) =>
        Assert.Equal((DialledKind.Outside, number), (Read(home, outside, area, dialled).Kind, Read(home, outside, area, dialled).Number.ToString()));

    [Theory]
    [InlineData("DE", "010330023276111111", "+23276111111")]
    [InlineData("DE", "0100560023276111111", "+23276111111")]
    [InlineData("DE", "01033030123456", "+4930123456")]
    [InlineData("DE", "00*23276111111", "+23276111111")]
    [InlineData("DE", "03012345678", "+493012345678")]
    [InlineData("DE", "0800123456789", "+49800123456789")]
    public void A_number_abroad_behind_a_carriers_prefix_is_called(string home, string text, string number) =>
        Assert.Equal(number, new DiallingRules(NumberPlans.BuiltIn.Of(home)!, []).Read(text, NumberPlans.BuiltIn, toTrunk: true).ToString());

    [Theory]
    [InlineData("DE", "08150023279000001", "+23279000001")]
    [InlineData("DE", "#08150023279000001", "+23279000001")]
    [InlineData("FR", "990023279000001", "+23279000001")]
    [InlineData("DE", "990023279000001", null)]
    [InlineData("DE", "00490023279000001", "+23279000001")]
    [InlineData("DE", "08150011442079460000", "+442079460000")]
    [InlineData("US", "9999900442079460000", "+442079460000")]
    [InlineData("DE", "0815030123456", null)]
    [InlineData("DE", "0300043123456", null)]
    [InlineData("DE", "01700033123456", null)]
    [InlineData("DE", "081500493012345678", null)]
    [InlineData("US", "14155550100004420794600", null)]
    [InlineData("DE", "03012345600442079460000", null)]
    public void What_is_longer_than_any_number_at_home_is_the_one_abroad_behind_a_short_prefix_and_nothing_else_is(string home, string sent, string? number)
    {
        var rules = new DiallingRules(NumberPlans.BuiltIn.Of(home)!, []);
        Assert.Equal(number, rules.BehindPrefix(rules.Read(sent, NumberPlans.BuiltIn, toTrunk: true), NumberPlans.BuiltIn)?.ToString());
    }

    [Theory]
    [InlineData("DE", "0", "0023211234567", "+23211234567", "+4923211234567")]
    [InlineData("DE", "0", "0088213123456", "+88213123456", "+4988213123456")]
    [InlineData("DE", "0", "00441632960123", "+441632960123", "+49441632960123")]
    [InlineData("DE", "0", "0301234567", "+49301234567", "+49301234567")]
    [InlineData("DE", "0", "00491751234567", "+491751234567", "+491751234567")]
    [InlineData("US", "9", "901123276123456", "+23276123456", "+23276123456")]
    [InlineData("US", "9", "914155551234", "+14155551234", "+14155551234")]
    [InlineData("DE", "9", "9023276123456", "+4923276123456", "+4923276123456")]
    public void Of_what_is_sent_to_a_trunk_no_outside_line_is_taken_where_it_is_a_number_abroad_as_it_stands(string home, string outside, string text, string sent, string dialled)
    {
        var rules = new DiallingRules(NumberPlans.BuiltIn.Of(home)!, [outside]);
        Assert.Equal((sent, dialled), (rules.Read(text, NumberPlans.BuiltIn, toTrunk: true).ToString(), rules.Read(text, NumberPlans.BuiltIn).ToString()));
    }

    [Theory]
    [InlineData("30", "011833", "11833")]
    [InlineData("30", "0116117", "116117")]
    [InlineData("", "0116117", "116117")]
    public void A_short_number_of_the_network_is_no_local_one_and_none_abroad(string area, string dialled, string digits)
    {
        var read = new DiallingRules(NumberPlans.BuiltIn.Of("DE")!, ["0"], area).Read(dialled, NumberPlans.BuiltIn);
        Assert.Equal((DialledKind.Short, digits), (read.Kind, read.Digits));
    }

    // As a number at home +44 9118118 is nobody's, and counted as one of the dearest.
    [Theory]
    [InlineData("1223", "9118118", "118118")]
    [InlineData("1223", "9116123", "116123")]
    [InlineData("", "9118118", "118118")]
    public void A_short_number_behind_the_outside_line_is_no_number_that_nobody_has(string area, string dialled, string digits)
    {
        var read = new DiallingRules(NumberPlans.BuiltIn.Of("GB")!, ["9"], area).Read(dialled, NumberPlans.BuiltIn);
        Assert.Equal((DialledKind.Short, digits), (read.Kind, read.Digits));
    }

    [Theory]
    [InlineData("US", "9", "911", nameof(DialledKind.Emergency))]
    [InlineData("US", "9", "9911", nameof(DialledKind.Emergency))]
    [InlineData("GB", "9", "999", nameof(DialledKind.Emergency))]
    [InlineData("GB", "9", "9999", nameof(DialledKind.Emergency))]
    [InlineData("DE", "0", "0112", nameof(DialledKind.Emergency))]
    [InlineData("FR", "0", "114", nameof(DialledKind.Emergency))]
    [InlineData("FR", "0", "0196", nameof(DialledKind.Emergency))]
    [InlineData("FR", "0", "0116000", nameof(DialledKind.Emergency))]
    [InlineData("US", "9", "1001", nameof(DialledKind.Internal))]
    [InlineData("US", "9", "*72", nameof(DialledKind.Internal))]
    [InlineData("US", "9", "*981001", nameof(DialledKind.Internal))]
    [InlineData("DE", "0", "*21*201#", nameof(DialledKind.Internal))]
    [InlineData("US", "9", "*67911", nameof(DialledKind.Internal))]
    [InlineData("US", "9", "911#", nameof(DialledKind.Emergency))]
    [InlineData("DE", "0", "0*31#112", nameof(DialledKind.Internal))]
    [InlineData("DE", "0", "030123#456", nameof(DialledKind.Unreadable))]
    [InlineData("DE", "0", "+#", nameof(DialledKind.Unreadable))]
    [InlineData("US", "9", "*67+23279000001", nameof(DialledKind.Unreadable))]
    [InlineData("DE", "0", "118330", nameof(DialledKind.Short))]
    [InlineData("US", "9", "", nameof(DialledKind.Unreadable))]
    [InlineData("US", "9", "+", nameof(DialledKind.Unreadable))]
    [InlineData("US", "9", "sales", nameof(DialledKind.Unreadable))]
    [InlineData("US", "9", "100&SIP/trunk/900", nameof(DialledKind.Unreadable))]
    [InlineData("US", "9", "1234567890123456789012345", nameof(DialledKind.Unreadable))]
    public void What_is_no_number_of_the_world_is_told_apart(string home, string outside, string dialled, string kind) => Assert.Equal(kind, Read(home, outside, "", dialled).Kind.ToString());

    [Theory]
    [InlineData("DE", "0", "11880", nameof(DialledKind.Short), "")]
    [InlineData("DE", "0", "201", nameof(DialledKind.Short), "")]
    [InlineData("DE", "0", "*97", nameof(DialledKind.Short), "")]
    [InlineData("US", "9", "*67911", nameof(DialledKind.Emergency), "")]
    [InlineData("DE", "0", "#31#112", nameof(DialledKind.Emergency), "")]
    [InlineData("DE", "0", "0023276123456;npdi=yes", nameof(DialledKind.Outside), "+23276123456")]
    [InlineData("DE", "0", "0023276123456@carrier.example", nameof(DialledKind.Outside), "+23276123456")]
    [InlineData("DE", "0", "0w0023276123456", nameof(DialledKind.Outside), "+23276123456")]
    [InlineData("US", "9", "9w,01123276123456", nameof(DialledKind.Outside), "+23276123456")]
    public void What_goes_to_a_trunk_is_never_inside(string home, string outside, string dialled, string kind, string number)
    {
        var read = new DiallingRules(NumberPlans.BuiltIn.Of(home)!, [outside]).Read(dialled, NumberPlans.BuiltIn, toTrunk: true);
        Assert.Equal((kind, number), (read.Kind.ToString(), read.Kind == DialledKind.Outside ? read.Number.ToString() : ""));
    }

    // *67 and #31# hide the caller, *72, *21* and **21* forward to the number: a carrier takes them with it.
    [Theory]
    [InlineData("US", "9", "415", "*6701123276123456", "+23276123456")]
    [InlineData("US", "9", "415", "*67901123276123456", "+23276123456")]
    [InlineData("US", "9", "415", "*7218765551234", "+18765551234")]
    [InlineData("US", "9", "415", "*728765551234", "+18765551234")]
    [InlineData("DE", "0", "30", "#31#0023276123456", "+23276123456")]
    [InlineData("DE", "0", "30", "*31#000 232 76123456", "+23276123456")]
    [InlineData("DE", "0", "30", "0*31#0023276123456", "+23276123456")]
    [InlineData("US", "9", "415", "9*6701123276123456", "+23276123456")]
    [InlineData("US", "9", "415", "01123276123456#", "+23276123456")]
    [InlineData("DE", "0", "30", "0023276123456*12", "+23276123456")]
    [InlineData("DE", "0", "30", "**21*0023276123456#", "+23276123456")]
    [InlineData("DE", "0", "30", "**21*0023276123456*11#", "+23276123456")]
    [InlineData("DE", "0", "30", "*67*009001234567", "+499001234567")]
    public void What_stands_behind_a_service_code_is_what_is_called(string home, string outside, string area, string dialled, string number) =>
        Assert.Equal((DialledKind.Outside, number), (Read(home, outside, area, dialled).Kind, Read(home, outside, area, dialled).Number.ToString()));

    // With an area code, what begins with 0 and was no valid number was once an extension's, which nobody asks about.
    [Theory]
    [InlineData("DE", "0", "30")]
    [InlineData("DE", "", "30")]
    [InlineData("US", "9", "415")]
    [InlineData("GB", "9", "20")]
    [InlineData("IT", "", "06")]
    public void No_more_digits_than_an_extension_has_are_ever_inside_and_a_number_is_never_nothing(string home, string outside, string area)
    {
        var random = new Random(11);
        for (var round = 0; round < 20_000; round++)
        {
            var dialled = (round % 4) switch { 0 => "", 1 => "0", 2 => "00", _ => "000" } + string.Concat(Enumerable.Range(0, random.Next(6, 20)).Select(_ => (char)('0' + random.Next(10))));
            var read = Read(home, outside, area, dialled);
            Assert.True(read.Kind is DialledKind.Outside or DialledKind.Short, $"{dialled}: {read.Kind}");
            Assert.True(read.Digits.Length > 0 && dialled.EndsWith(read.Digits, StringComparison.Ordinal), $"{dialled}: {read.Digits}");
        }
    }

    [Theory]

    // 555 and 200 are no area codes; a digit too many, two too few.
    [InlineData("US", "15551234567", "US", "home")]
    [InlineData("CA", "+12001234567", "CA", "home")]
    [InlineData("US", "12125551234567", "US", "home")]
    [InlineData("US", "2125551", "US", "home")]
    [InlineData("GB", "02012345678901", "GB", "home")]

    // A carrier rings 900 555 1234 as soon as it is whole.
    [InlineData("US", "1900555123456", "US", "premium")]

    // Jamaica has 876, whatever stands behind; nothing of it is told of +1 to who calls from elsewhere, or has an island's digits himself.
    [InlineData("US", "18761234567", "JM", "high")]
    [InlineData("US", "187692345678", "JM", "high")]
    [InlineData("DE", "0015551234567", "", "high")]
    [InlineData("JM", "15551234567", "", "high")]
    public void A_number_that_nobody_has_is_at_home_where_no_other_region_of_the_code_has_its_digits(string home, string dialled, string region, string risk)
    {
        var read = Read(home, "", "", dialled);

        Assert.Equal((DialledKind.Outside, false, region, risk), (read.Kind, read.Number.IsValid, read.Number.Region, new Tariff(null, home).For(read).Risk.Name));
    }

    [Fact]
    public void What_nobody_read_is_no_number_and_not_inside()
    {
        Assert.Equal(DialledKind.Unreadable, default(DialledNumber).Kind);
        Assert.False(default(PhoneNumber).IsValid);
    }

    [Fact]
    public void Tones_behind_a_pause_are_no_part_of_the_number() => Assert.Equal("+19005551234", Read("US", "9", "", "19005551234w1234#").Number.ToString());

    [Fact]
    public void Nothing_that_is_dialled_throws_and_a_number_has_digits_alone()
    {
        var random = new Random(7);
        const string Alphabet = "0123456789+*#w ,()abc;\0\r\n\u00e9";
        for (var round = 0; round < 20_000; round++)
        {
            var read = Read("DE", "0", "30", string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => Alphabet[random.Next(random.Next(2) == 0 ? 10 : Alphabet.Length)])));
            Assert.True(read.Kind != DialledKind.Outside || read.Number.Digits.All(char.IsAsciiDigit), $"{read}");
        }
    }

    private static DialledNumber Read(string home, string outside, string area, string dialled) =>
        new DiallingRules(NumberPlans.BuiltIn.Of(home)!, outside.Length == 0 ? [] : [outside], area).Read(dialled, NumberPlans.BuiltIn);
}
