using Xunit;

namespace Ringfence.SystemTests.Brake;

/// <summary>Who transfers a call to outside pays for it, also when he has left it.</summary>
public sealed class TransferTests : OfficeLab
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_inside_that_is_transferred_to_outside_is_the_transferrers_and_is_hung_up_after_he_left(bool byCaller)
    {
        await using var office = await OpenAsync(Braking);
        var (caller, called, other) = (await office.PhoneAsync("1001"), await office.PhoneAsync("1002"), await office.PhoneAsync("1003"));
        await other.CallAsync($"9{Cheap}");
        var call = await caller.CallAsync("1002");
        var taken = await called.TakenAsync(Stop);
        var (transfers, who) = byCaller ? (call, "1001") : (taken, "1002");

        await TalkAsync(office, 4);
        await transfers.ReferAsync($"9{Dear}");
        await transfers.EndAsync();

        await ShowsAsync(office, (who, "+23279000001", "phone"), ("1003", "+498912345678", "phone"));
        await StopsAsync(office, who, Cheap);
        await HasTrunkChannelsAsync(office, 1);
    }

    [Fact]
    public async Task A_call_from_outside_that_is_transferred_to_outside_is_the_transferrers()
    {
        await using var office = await OpenAsync(Braking);
        var called = await office.PhoneAsync("1001");
        await office.Outside().CallAsync("49301001");

        var taken = await called.TakenAsync(Stop);
        await TalkAsync(office, 2);
        await taken.ReferAsync($"9{Dear}");
        await taken.EndAsync();

        await ShowsAsync(office, ("1001", "+23279000001", "phone"));
        await StopsAsync(office, "1001");
        await HasTrunkChannelsAsync(office, 0);
    }

    [Fact]
    public async Task A_call_to_outside_that_is_transferred_to_outside_is_two_calls_of_the_transferrers()
    {
        await using var office = await OpenAsync();
        var caller = await office.PhoneAsync("1001");
        var call = await caller.CallAsync($"9{Cheap}");
        await TalkAsync(office, 2);
        await call.ReferAsync("900498900000002");
        await call.EndAsync();

        await ShowsAsync(office, ("1001", "+498900000002", "phone"), ("1001", "+498912345678", "phone"));
        await HasTrunkChannelsAsync(office, 2);
    }

    [Fact]
    public async Task A_call_that_was_asked_about_first_is_one_call_of_who_made_it_and_goes_on_when_he_left()
    {
        await using var office = await OpenAsync(Braking);
        var (caller, called) = (await office.PhoneAsync("1001"), await office.PhoneAsync("1002"));
        var inside = await caller.CallAsync("1002");
        var outside = await caller.CallAsync($"9{Dear}");
        await TalkAsync(office, 4);
        await inside.ReferAsync($"9{Dear}", outside);
        await inside.EndAsync();
        await outside.EndAsync();

        await ShowsAsync(office, ("1001", "+23279000001", "phone"));
        await StopsAsync(office, "1001");
        await HasTrunkChannelsAsync(office, 0);
        Assert.True(await Asterisk.Eventually.HoldsAsync(() => Task.FromResult(called.Legs.Count == 0), Patience, Stop), $"{office}");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Keys_that_transfer_blindly_make_it_the_call_of_who_typed_them(bool byCaller)
    {
        await using var office = await OpenAsync(Braking);
        var (caller, called) = (await office.PhoneAsync("1001"), await office.PhoneAsync("1002"));
        var call = await caller.CallAsync("1002");
        var (types, who) = byCaller ? (call, "1001") : (await called.TakenAsync(Stop), "1002");
        await TalkAsync(office, 2);
        await types.TypeAsync($"#19{Dear}", Stop);

        await ShowsAsync(office, (who, "+23279000001", "phone"));
        await StopsAsync(office, who);
        await HasTrunkChannelsAsync(office, 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Keys_that_ask_first_make_it_the_call_of_who_typed_them(bool byCaller)
    {
        await using var office = await OpenAsync(Braking);
        var (caller, called) = (await office.PhoneAsync("1001"), await office.PhoneAsync("1002"));
        var call = await caller.CallAsync("1002");
        var (types, who) = byCaller ? (call, "1001") : (await called.TakenAsync(Stop), "1002");
        await TalkAsync(office, 2);
        await types.TypeAsync($"*29{Dear}", Stop);
        await ShowsAsync(office, (who, "+23279000001", "phone"));
        await types.EndAsync();

        await StopsAsync(office, who);
        await HasTrunkChannelsAsync(office, 0);
    }
}
