using Xunit;

namespace Ringfence.SystemTests.Brake;

/// <summary>A phone that answers 302 sends whoever calls it to outside: it is the phone's call.</summary>
public sealed class SentOnTests : OfficeLab
{
    [Fact]
    public async Task A_302_to_a_dear_number_is_the_forwarding_phones_and_is_hung_up_and_nobody_elses()
    {
        await using var office = await OpenAsync(Braking);
        var (caller, forwarder, other) = (await office.PhoneAsync("1001"), await office.PhoneAsync("1002"), await office.PhoneAsync("1003"));
        forwarder.SendsOnTo = $"9{Dear}";

        await other.CallAsync($"9{Cheap}");
        await caller.CallAsync("1002");

        await ShowsAsync(office, ("1002", "+23279000001", "forwarded"), ("1003", "+498912345678", "phone"));
        await StopsAsync(office, "1002", Cheap);
        await HasTrunkChannelsAsync(office, 1);

        // Who was sent on may call out himself.
        await caller.CallAsync("900498900000002");
        await ShowsAsync(office, ("1001", "+498900000002", "phone"), ("1003", "+498912345678", "phone"));
    }

    [Fact]
    public async Task A_302_of_a_phone_that_was_called_from_outside_is_its_own()
    {
        await using var office = await OpenAsync();
        var forwarder = await office.PhoneAsync("1002");
        forwarder.SendsOnTo = $"9{Cheap}";

        await office.Outside().CallAsync("49301002");

        await ShowsAsync(office, ("1002", "+498912345678", "forwarded"));
    }
}
