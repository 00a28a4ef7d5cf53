using Ringfence.Core.Fraud;
using Ringfence.SystemTests.Asterisk;
using Xunit;

namespace Ringfence.SystemTests.Gate;

/// <summary>Real calls of a real Asterisk, through the gate.</summary>
public sealed class GateCallTests : GateLab
{
    [Fact]
    public async Task A_call_that_may_leave_reaches_the_trunk_and_one_that_may_not_gets_403_and_does_not()
    {
        using var provider = new Provider(Lab.Namespace("att"), AsteriskLab.TrunkByAddress);
        var engine = Engine();
        engine.Answers["+18765551234"] = new GateAnswer(GateVerdict.Deny, null, "spend-5m", "spend: spend-5m");
        await using var gate = Serve(engine);

        var allowed = await CallAsync("1001", "4155550101");
        var denied = await CallAsync("1001", "18765551234");

        Assert.Equal(200, allowed?.Status);
        Assert.Equal(403, denied?.Status);
        Assert.Equal(["4155550101"], provider.Numbers);
        Assert.Equal(["1001", "1001"], engine.Asked.Select(static asked => asked.Attempt.Extension));
        Assert.All(engine.Asked, static asked => Assert.Equal("trunk-ip", asked.Attempt.Trunk));
    }
}
