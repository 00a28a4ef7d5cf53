using Ringfence.Api;
using Ringfence.Core.Fraud;
using Xunit;

namespace Ringfence.Tests.Fraud;

public sealed class CallStopTests
{
    [Theory]
    [InlineData("1009", "SL", "", false, "", false, "1009's calls to SL")]
    [InlineData("1009", "", "", true, "", false, "1009's calls to risky destinations")]
    [InlineData("1009", "", "", false, "", false, "1009's calls to outside")]
    [InlineData("", "", "trunk-a", false, "", false, "everybody's calls to outside over trunk-a")]
    [InlineData("", "", "", true, "dialled_on", false, "everybody's calls to risky destinations, alone those that somebody outside dials on")]
    [InlineData("1009", "", "", true, "forwarded", false, "1009's calls to risky destinations, forwarded ones alone")]
    [InlineData("", "", "", true, "", true, "everybody's calls to risky destinations, but where the caller calls as a rule")]
    [InlineData("\u001b[2J", "", "", false, "", false, "\\u001b[2J's calls to outside")]
    [InlineData("", "", "", true, "forwarded", false, "everybody's calls to risky destinations that came in at 4930123456, forwarded ones alone", "4930123456")]
    public void It_is_told_as_what_it_holds_and_no_wider(string extension, string region, string trunk, bool riskyOnly, string origin, bool newOnly, string told, string did = "")
    {
        var stop = new CallStop(7, 1000, 2000, "limit", "RF3001", extension, region, trunk, riskyOnly, "why")
        {
            Origin = origin switch { "dialled_on" => CallOrigin.DialledOn, "forwarded" => CallOrigin.Forwarded, _ => null },
            NewOnly = newOnly,
            Did = did,
        };

        Assert.Equal(told, stop.Subject);
        Assert.Equal(stop, StopFrom.Stop(StopFrom.Report(stop, "enforced")));
    }
}
