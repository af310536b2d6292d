"""领取码: from an approved case to the certificate on the phone, and what may go wrong between."""
