using Ringfence.Core.Decisions;
using Ringfence.Tests.Detection;
using Xunit;
using static Ringfence.Tests.Detection.Attempts;

namespace Ringfence.Tests.Decisions;

/// <summary>IPv4 behind NAT64: each address is a host of its own, and the kernel keeps it as an interval.</summary>
public sealed class TranslatedAddressTests
{
    [Fact]
    public void Forged_translated_addresses_fill_the_kernel_s_intervals_up_to_a_bound_and_keep_nobody_out_who_is_proven()
    {
        var trial = new Trial().Read(Many(BanRoom.MostIntervals + 200, i => Guesses(0, i)));
        Assert.Equal((BanRoom.MostIntervals, 200), (trial.Bans.Count, trial.Decisions.OfType<Alert>().Count(alert => alert.Rule is not ("RF2022" or "RF2023"))));

        trial.Read(Many(5, i => WrongPassword(10 + i, "64:ff9b::c633:6407", transport: "TCP")) + Many(5, i => WrongPassword(10 + i, "2001:db8:7::1")) + Many(5, i => WrongPassword(10 + i)));
        Assert.Equal(BanRoom.MostIntervals + 3, trial.Bans.Count);

        // The bans are over, and there is room again.
        trial.Read(Guesses(2 * 3600, 5_000));
        Assert.Equal(BanRoom.MostIntervals + 4, trial.Bans.Count);
    }

    private static string Guesses(double second, int host) => Many(5, i => WrongPassword(second + i, $"64:ff9b::cb00:{host:x}"));
}
